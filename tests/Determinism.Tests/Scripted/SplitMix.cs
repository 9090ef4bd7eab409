namespace Determinism.Tests.Scripted;

/// <summary>A small seeded generator, so that a program or a hazard can be named by a number.</summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public ulong Below(ulong bound) => Next() % bound;

    public bool OneIn(int bound) => Below(bound) == 0;

    /// <summary>The same bits in another order: what a synthetic vCPU computes with.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public static ulong Mix(ulong first, ulong second) => Mix((first * 0x9E3779B97F4A7C15) ^ second);
}
