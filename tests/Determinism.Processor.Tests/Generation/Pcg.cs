namespace Determinism.ProcessorTests.Generation;

/// <summary>O'Neill's PCG32 (XSH-RR): small, seeded, and the same everywhere.</summary>
internal sealed class Pcg
{
    private ulong _state;
    private readonly ulong _increment;

    public Pcg(ulong seed, ulong stream)
    {
        _increment = (stream << 1) | 1;
        Next();
        _state += seed;
        Next();
    }

    public uint Next()
    {
        var old = _state;
        _state = (old * 6364136223846793005) + _increment;
        var shifted = (uint)(((old >> 18) ^ old) >> 27);
        return uint.RotateRight(shifted, (int)(old >> 59));
    }

    public ulong NextLong() => ((ulong)Next() << 32) | Next();

    /// <summary>A number below a limit.</summary>
    public int Below(int limit) => (int)(((ulong)Next() * (uint)limit) >> 32);

    /// <summary>A number between two, both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public bool OneIn(int n) => Below(n) == 0;

    public T Pick<T>(ReadOnlySpan<T> items) => items[Below(items.Length)];
}
