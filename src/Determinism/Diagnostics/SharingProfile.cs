using Determinism.Log;

namespace Determinism.Diagnostics;

/// <summary>Who took which frame from whom, and where both were: finds false sharing.</summary>
/// <remarks>Filled under the tracker's gate; read it when the session has ended, or from a log
/// (<see cref="BlockKind.SharingProfile"/>). A recording may go on for days: of more than 65,536 different steals, the rarer half is
/// forgotten.</remarks>
public sealed class SharingProfile
{
    /// <summary>The most entries that <see cref="ToBytes"/> keeps.</summary>
    public const int MaximumStoredEntries = 1024;

    /// <summary>The most entries in memory.</summary>
    internal const int MaximumEntries = 1 << 16;

    private const int NumbersAnEntry = 6;

    private readonly Dictionary<Steal, long> _steals = [];

    /// <summary>All steals so far.</summary>
    public long Count { get; private set; }

    /// <summary>The steals, most frequent first.</summary>
    public IReadOnlyList<KeyValuePair<Steal, long>> Hottest =>
        [.. _steals.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Frame)];

    /// <summary>The most frequent steals as bytes; docs/log-format.md.</summary>
    /// <returns>At most <see cref="MaximumStoredEntries"/> entries; nothing if there were no steals.</returns>
    public byte[] ToBytes()
    {
        IReadOnlyList<KeyValuePair<Steal, long>> hottest = Hottest;
        int entries = Math.Min(hottest.Count, MaximumStoredEntries);
        var bytes = new byte[entries * NumbersAnEntry * Varint.MaximumBytes];
        int length = 0;
        for (int entry = 0; entry < entries; entry++)
        {
            (Steal steal, long count) = (hottest[entry].Key, hottest[entry].Value);
            // What bytes leaves room for always fits.
            Varint.TryWrite(bytes, steal.Frame, ref length);
            Varint.TryWrite(bytes, (ulong)steal.Winner, ref length);
            Varint.TryWrite(bytes, (ulong)steal.Loser, ref length);
            Varint.TryWrite(bytes, steal.WinnerInstruction, ref length);
            // Both are mostly in one program.
            Varint.TryWrite(bytes, Varint.ZigZag((long)(steal.LoserInstruction - steal.WinnerInstruction)), ref length);
            Varint.TryWrite(bytes, (ulong)count, ref length);
        }
        return bytes.AsSpan(0, length).ToArray();
    }

    /// <summary>Reads a profile back: <see cref="Count"/> is that of the entries kept.</summary>
    /// <param name="content">The block's content.</param>
    /// <exception cref="LogDamagedException">It is no sharing profile.</exception>
    public static SharingProfile FromBytes(ReadOnlySpan<byte> content)
    {
        var profile = new SharingProfile();
        int position = 0;
        for (int entry = 0; position < content.Length; entry++)
        {
            if (!Varint.TryRead(content, ref position, out ulong frame)
                || !Varint.TryRead(content, ref position, out ulong winner)
                || !Varint.TryRead(content, ref position, out ulong loser)
                || !Varint.TryRead(content, ref position, out ulong winnerInstruction)
                || !Varint.TryRead(content, ref position, out ulong distance)
                || !Varint.TryRead(content, ref position, out ulong count))
                throw new LogDamagedException("The log's sharing profile is cut off.");
            if (entry == MaximumStoredEntries || winner >= LogLimits.MaximumStreams || loser >= LogLimits.MaximumStreams
                || count == 0 || count > (ulong)(long.MaxValue - profile.Count))
                throw new LogDamagedException("The log's sharing profile has an impossible entry.");
            profile.Add(new Steal(frame, (int)winner, (int)loser, winnerInstruction,
                winnerInstruction + (ulong)Varint.UnZigZag(distance)), (long)count);
        }
        return profile;
    }

    internal void Add(in Steal steal, long times = 1)
    {
        Count += times;
        if (_steals.Count == MaximumEntries)
            ForgetRarer();
        _steals.TryGetValue(steal, out long count);
        _steals[steal] = count + times;
    }

    private void ForgetRarer()
    {
        foreach (KeyValuePair<Steal, long> rare in Hottest.Skip(MaximumEntries / 2))
            _steals.Remove(rare.Key);
    }
}
