using System.IO.Hashing;

namespace Determinism.Sessions;

/// <summary>A digest over everything that an agent's events have said so far, and over the states they happened in.</summary>
/// <remarks>Both sides compute it alike; eight bits of it go with every event, all of it at intervals. Since it runs on,
/// a difference that one byte misses is met again at the next event.</remarks>
internal struct RunningDigest(ulong value)
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    public ulong Value { get; private set; } = value;

    public readonly byte Fold() => (byte)(Value >> 56);

    public void Mix(ulong value)
    {
        ulong mixed = (Value ^ value) * Multiplier;
        Value = mixed ^ (mixed >> 29);
    }

    public void Mix(ReadOnlySpan<byte> bytes) => Mix(XxHash3.HashToUInt64(bytes));
}
