// ticketlock: all vCPUs take turns at one fair lock and count. A first-come lock hands its frame over with each
// turn, which is the worst that a machine sharing memory by frames can be asked for.
// params: 0 turns in all (1000), 1 rounds of private work between turns (40).
#include "rt.h"

static u64 turns, pauses;
static RT_OWN_FRAME(struct rt_ticket_lock, lock);
static RT_OWN_FRAME(u64, counter);
static u64 *partial;

static void work(u32 vcpu, u32 vcpus)
{
    u64 to = rt_to(turns, vcpu, vcpus), sum = 0;
    for (u64 i = rt_from(turns, vcpu, vcpus); i < to; i++) {
        rt_ticket_lock(&lock.value);
        counter.value++;
        rt_ticket_unlock(&lock.value);
        for (u64 k = 0; k < pauses; k++)
            sum = rt_mix(sum + i + k);
    }
    partial[vcpu] = sum;
}

int main(void)
{
    turns = rt_param(0, 1000);
    pauses = rt_param(1, 40);
    partial = rt_alloc(rt_vcpus() * sizeof *partial);
    rt_parallel(work);
    if (counter.value != turns || lock.value.next != (u32)turns)
        return rt_fail("ticketlock", "turns lost", counter.value);
    rt_report("ticketlock", rt_mix(counter.value));
    return 0;
}
