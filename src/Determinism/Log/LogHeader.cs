using System.Text;

namespace Determinism.Log;

/// <summary>What a replay must agree on with its recording; the content of a log's header block.</summary>
public sealed record LogHeader
{
    /// <summary>The version of the format that this library writes, but for logs whose oldest part may be dropped.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The newest version of the format that this library reads, and writes for logs whose oldest part may be
    /// dropped. Headers are of version 1 in those too.</summary>
    public const int NewestVersion = 2;

    private const byte AtCheckpoint = 1;

    /// <summary>The format's version.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The machine's shape.</summary>
    public required MachineShape Shape { get; init; }

    /// <summary>What the clock counts.</summary>
    public required ClockKind Clock { get; init; }

    /// <summary>What one ownership decision covers.</summary>
    public required OwnershipScope Scope { get; init; }

    /// <summary>Events of an agent between two whole digests; 0 for none.</summary>
    public required int DigestInterval { get; init; }

    /// <summary>Name and version of the backend.</summary>
    public required string Backend { get; init; }

    /// <summary>The processor's identity and features.</summary>
    public required string Processor { get; init; }

    /// <summary>The guest's identity: name, version, parameters.</summary>
    public required string Guest { get; init; }

    /// <summary>Digest of all that the run started from.</summary>
    public required ulong InitialState { get; init; }

    /// <summary>Frames promised to be only ever read.</summary>
    public IReadOnlyList<FrameRange> SharedFrames { get; init; } = [];

    /// <summary>Frames promised to be one agent's own.</summary>
    public IReadOnlyList<OwnedFrames> PrivateFrames { get; init; } = [];

    /// <summary>Whether the log begins at its first checkpoint; otherwise with the machine as it was loaded.</summary>
    public bool BeginsAtCheckpoint { get; init; }

    internal Sessions.FramePromises Promises => new(SharedFrames, PrivateFrames);

    /// <summary>The header as bytes.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        writer.Write(Shape.VcpuCount);
        writer.Write(Shape.DeviceAgentCount);
        writer.Write(Shape.MemoryBytes);
        writer.Write(Shape.PageShift);
        writer.Write(Shape.PseudoFrameCount);
        writer.Write((byte)Clock);
        writer.Write((byte)Scope);
        writer.Write(DigestInterval);
        writer.Write(Backend);
        writer.Write(Processor);
        writer.Write(Guest);
        writer.Write(InitialState);
        writer.Write(SharedFrames.Count);
        foreach (FrameRange range in SharedFrames)
        {
            writer.Write(range.First);
            writer.Write(range.Count);
        }
        writer.Write(PrivateFrames.Count);
        foreach (OwnedFrames owned in PrivateFrames)
        {
            writer.Write(owned.Range.First);
            writer.Write(owned.Range.Count);
            writer.Write(owned.Agent);
        }
        if (BeginsAtCheckpoint)
            writer.Write(AtCheckpoint);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Reads a header.</summary>
    /// <param name="content">The block's content.</param>
    /// <exception cref="LogDamagedException">It is not a header, or of a version that this library does not know.</exception>
    public static LogHeader FromBytes(ReadOnlySpan<byte> content)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(content.ToArray()), Encoding.UTF8);
            int version = reader.ReadInt32();
            if (version is < 1 or > CurrentVersion)
                throw new LogDamagedException(
                    $"The log has format version {version}; this library reads versions 1 to {CurrentVersion}.");
            var header = new LogHeader
            {
                Version = version,
                Shape = new MachineShape
                {
                    VcpuCount = reader.ReadInt32(),
                    DeviceAgentCount = reader.ReadInt32(),
                    MemoryBytes = reader.ReadUInt64(),
                    PageShift = reader.ReadInt32(),
                    PseudoFrameCount = reader.ReadInt32(),
                },
                Clock = (ClockKind)reader.ReadByte(),
                Scope = (OwnershipScope)reader.ReadByte(),
                DigestInterval = reader.ReadInt32(),
                Backend = reader.ReadString(),
                Processor = reader.ReadString(),
                Guest = reader.ReadString(),
                InitialState = reader.ReadUInt64(),
                SharedFrames = ReadAll(reader, 16, static from => new FrameRange(from.ReadUInt64(), from.ReadUInt64())),
                PrivateFrames = ReadAll(reader, 20, static from =>
                {
                    var range = new FrameRange(from.ReadUInt64(), from.ReadUInt64());
                    return new OwnedFrames(from.ReadInt32(), range);
                }),
            };
            // Of a log that begins with the machine as loaded, there is no such byte.
            bool saysStart = reader.BaseStream.Position < content.Length;
            header = header with { BeginsAtCheckpoint = saysStart && reader.ReadByte() == AtCheckpoint };
            header.Shape.Validate();
            return header.Clock <= ClockKind.SoftwareCounter && header.Scope <= OwnershipScope.Machine && header.DigestInterval >= 0
                && header.SharedFrames.All(range => IsOf(header.Shape, range))
                && header.PrivateFrames.All(owned => IsOf(header.Shape, owned.Range)
                    && owned.Agent >= 0 && owned.Agent < header.Shape.AgentCount)
                && reader.BaseStream.Position == content.Length
                && header.BeginsAtCheckpoint == saysStart
                ? header
                : throw new LogDamagedException("The log's header is of no recording that could be made.");
        }
        catch (Exception error) when (error is IOException or ArgumentException or FormatException)
        {
            throw new LogDamagedException("The log's header cannot be read.", error);
        }
    }

    private static bool IsOf(MachineShape shape, FrameRange range) =>
        range.Count <= shape.FrameCount && range.First <= shape.FrameCount - range.Count;

    private static T[] ReadAll<T>(BinaryReader reader, int size, Func<BinaryReader, T> read)
    {
        int count = reader.ReadInt32();
        // A count that the header cannot hold is damage, not a wish for memory.
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / size)
            throw new LogDamagedException("The log's header has an impossible number of ranges.");
        var all = new T[count];
        for (int index = 0; index < count; index++)
            all[index] = read(reader);
        return all;
    }
}
