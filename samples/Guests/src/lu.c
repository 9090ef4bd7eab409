// lu: LU factorisation of a dense matrix without pivoting, in contiguous blocks, after the SPLASH-2 kernel.
// params: 0 order of the matrix (96, a multiple of the block), 1 order of a block (8).
// Sharing: a block is written by its owner alone and read by the owners of its row and column after a barrier.
#include "rt.h"

static u64 order, block, blocks;
static double *matrix;         // [block row][block column][row in block][column in block]
static double *vector, *image; // a known vector and what the matrix makes of it
static u64 rows_of_owners, columns_of_owners;
static struct rt_barrier barrier;

static double *block_at(u64 i, u64 j) { return matrix + (i * blocks + j) * block * block; }

static double *element(u64 i, u64 j)
{
    return block_at(i / block, j / block) + i % block * block + j % block;
}

static u32 owner_of(u64 i, u64 j) { return i % rows_of_owners * columns_of_owners + j % columns_of_owners; }

static void factor(double *d)
{
    for (u64 k = 0; k < block; k++)
        for (u64 i = k + 1; i < block; i++) {
            double factor = d[i * block + k] /= d[k * block + k];
            for (u64 j = k + 1; j < block; j++)
                d[i * block + j] -= factor * d[k * block + j];
        }
}

// below = below * U(diagonal)^-1
static void divide_by_upper(double *below, const double *diagonal)
{
    for (u64 i = 0; i < block; i++)
        for (u64 k = 0; k < block; k++) {
            double factor = below[i * block + k] /= diagonal[k * block + k];
            for (u64 j = k + 1; j < block; j++)
                below[i * block + j] -= factor * diagonal[k * block + j];
        }
}

// right = L(diagonal)^-1 * right
static void divide_by_lower(double *right, const double *diagonal)
{
    for (u64 k = 0; k < block; k++)
        for (u64 i = k + 1; i < block; i++) {
            double factor = diagonal[i * block + k];
            for (u64 j = 0; j < block; j++)
                right[i * block + j] -= factor * right[k * block + j];
        }
}

static void subtract_product(double *inner, const double *below, const double *right)
{
    for (u64 i = 0; i < block; i++)
        for (u64 k = 0; k < block; k++) {
            double factor = below[i * block + k];
            for (u64 j = 0; j < block; j++)
                inner[i * block + j] -= factor * right[k * block + j];
        }
}

static void factorise(u32 vcpu, u32 vcpus)
{
    (void)vcpus;
    for (u64 i = 0; i < order; i++)
        for (u64 j = 0; j < order; j++)
            if (owner_of(i / block, j / block) == vcpu)
                *element(i, j) = rt_unit(i * order + j) + (i == j ? (double)(i64)order : 0);
    rt_wait(&barrier);
    if (vcpu == 0)
        for (u64 i = 0; i < order; i++) {
            double sum = 0;
            for (u64 j = 0; j < order; j++)
                sum += *element(i, j) * vector[j];
            image[i] = sum;
        }
    rt_wait(&barrier);
    for (u64 k = 0; k < blocks; k++) {
        double *diagonal = block_at(k, k);
        if (owner_of(k, k) == vcpu)
            factor(diagonal);
        rt_wait(&barrier);
        for (u64 i = k + 1; i < blocks; i++) {
            if (owner_of(i, k) == vcpu)
                divide_by_upper(block_at(i, k), diagonal);
            if (owner_of(k, i) == vcpu)
                divide_by_lower(block_at(k, i), diagonal);
        }
        rt_wait(&barrier);
        for (u64 i = k + 1; i < blocks; i++)
            for (u64 j = k + 1; j < blocks; j++)
                if (owner_of(i, j) == vcpu)
                    subtract_product(block_at(i, j), block_at(i, k), block_at(k, j));
        rt_wait(&barrier);
    }
}

// L * (U * vector) against the image that the matrix gave before it was factorised.
static double error(void)
{
    double *upper = rt_alloc(order * sizeof *upper), worst = 0;
    for (u64 i = 0; i < order; i++) {
        upper[i] = 0;
        for (u64 j = i; j < order; j++)
            upper[i] += *element(i, j) * vector[j];
    }
    for (u64 i = 0; i < order; i++) {
        double sum = upper[i];
        for (u64 j = 0; j < i; j++)
            sum += *element(i, j) * upper[j];
        double difference = rt_abs(sum - image[i]) / rt_abs(image[i]);
        if (!(difference <= worst))
            worst = difference;
    }
    return worst;
}

int main(void)
{
    order = rt_param(0, 96);
    block = rt_param(1, 8);
    if (order % block)
        return rt_fail("lu", "no whole number of blocks", order);
    blocks = order / block;
    // The grid of owners is as near to a square as the number of vCPUs allows.
    for (u64 r = 1; r * r <= rt_vcpus(); r++)
        if (rt_vcpus() % r == 0)
            rows_of_owners = r;
    columns_of_owners = rt_vcpus() / rows_of_owners;
    matrix = rt_alloc(order * order * sizeof *matrix);
    vector = rt_alloc(order * sizeof *vector);
    image = rt_alloc(order * sizeof *image);
    for (u64 i = 0; i < order; i++)
        vector[i] = 1 + rt_unit(~i);
    rt_parallel(factorise);

    u64 hash = 0;
    for (u64 i = 0; i < order * order; i++)
        hash = (hash ^ rt_bits(matrix[i])) * 0x9E6C63D0876A9A35ul;
    double worst = error();
    if (!(worst < 1e-12))
        return rt_fail("lu", "product is not the matrix", rt_bits(worst));
    rt_report("lu", rt_mix(hash));
    return 0;
}
