using System.Buffers.Binary;

namespace Determinism.Diagnostics;

/// <summary>Who took which frame from whom, and where both were: finds false sharing.</summary>
/// <remarks>Filled under the tracker's gate; read it when the session has ended, or from a log
/// (<see cref="BlockKind.SharingProfile"/>).</remarks>
public sealed class SharingProfile
{
    /// <summary>The most entries that <see cref="ToBytes"/> keeps.</summary>
    public const int MaximumStoredEntries = 1024;

    private const int EntryBytes = 40;

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
        var bytes = new byte[Math.Min(hottest.Count, MaximumStoredEntries) * EntryBytes];
        for (int at = 0; at < bytes.Length; at += EntryBytes)
        {
            (Steal steal, long count) = (hottest[at / EntryBytes].Key, hottest[at / EntryBytes].Value);
            Span<byte> entry = bytes.AsSpan(at, EntryBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, steal.Frame);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], steal.Winner);
            BinaryPrimitives.WriteInt32LittleEndian(entry[12..], steal.Loser);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], steal.WinnerInstruction);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[24..], steal.LoserInstruction);
            BinaryPrimitives.WriteInt64LittleEndian(entry[32..], count);
        }
        return bytes;
    }

    /// <summary>Reads a profile back: <see cref="Count"/> is that of the entries kept.</summary>
    /// <param name="content">The block's content.</param>
    /// <exception cref="LogDamagedException">It is no sharing profile.</exception>
    public static SharingProfile FromBytes(ReadOnlySpan<byte> content)
    {
        if (content.Length % EntryBytes != 0 || content.Length > MaximumStoredEntries * EntryBytes)
            throw new LogDamagedException("The log's sharing profile has an impossible length.");
        var profile = new SharingProfile();
        for (; !content.IsEmpty; content = content[EntryBytes..])
        {
            var steal = new Steal(
                BinaryPrimitives.ReadUInt64LittleEndian(content),
                BinaryPrimitives.ReadInt32LittleEndian(content[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(content[12..]),
                BinaryPrimitives.ReadUInt64LittleEndian(content[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(content[24..]));
            long count = BinaryPrimitives.ReadInt64LittleEndian(content[32..]);
            if (steal.Winner < 0 || steal.Loser < 0 || count <= 0)
                throw new LogDamagedException("The log's sharing profile has an impossible entry.");
            profile.Add(steal, count);
        }
        return profile;
    }

    internal void Add(in Steal steal, long times = 1)
    {
        Count += times;
        _steals.TryGetValue(steal, out long count);
        _steals[steal] = count + times;
    }
}
