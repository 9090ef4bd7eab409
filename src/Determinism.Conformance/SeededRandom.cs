namespace Determinism.Conformance;

/// <summary>Decisions that a seed makes: the same on every machine and framework.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong value = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public bool OneIn(int count) => Below(count) == 0;
}
