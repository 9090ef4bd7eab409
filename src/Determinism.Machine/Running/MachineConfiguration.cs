using System.IO.Hashing;
using System.Text;
using Determinism.Log;

namespace Determinism.Machine;

/// <summary>All that a run of the sample machine starts from. What a log carries, so that it can be replayed without
/// anything else.</summary>
public sealed record MachineConfiguration
{
    /// <summary>Pseudo-frames of the machine: console, disk, published code, and one inbox a vCPU.</summary>
    internal const int FixedDevices = 3;

    /// <summary>The guest's name.</summary>
    public required string GuestName { get; init; }

    /// <summary>The guest's program.</summary>
    public required ElfImage Image { get; init; }

    /// <summary>Number of vCPUs, 1 to 64.</summary>
    public int VcpuCount { get; init; } = 1;

    /// <summary>Bytes of memory.</summary>
    public ulong MemoryBytes { get; init; } = 64UL << 20;

    /// <summary>Binary logarithm of the frame size, 6 to 20.</summary>
    public int PageShift { get; init; } = 12;

    /// <summary>The guest's parameters, at most 16.</summary>
    public IReadOnlyList<ulong> Parameters { get; init; } = [];

    /// <summary>The disk's content at the start; whole sectors.</summary>
    public ReadOnlyMemory<byte> Disk { get; init; } = new byte[512 * GuestLayout.SectorBytes];

    /// <summary>The clock that places events.</summary>
    public ClockKind Clock { get; init; } = ClockKind.RetiredInstructions;

    /// <summary>The machine's shape for a session.</summary>
    public MachineShape Shape => new()
    {
        VcpuCount = VcpuCount,
        DeviceAgentCount = 1,
        MemoryBytes = MemoryBytes,
        PageShift = PageShift,
        PseudoFrameCount = FixedDevices + VcpuCount,
    };

    /// <summary>Digest of all of it.</summary>
    public ulong Digest => XxHash3.HashToUInt64(ToBytes())
        ^ (XxHash3.HashToUInt64(Image.File.Span) * 3) ^ (XxHash3.HashToUInt64(Disk.Span) * 5);

    /// <summary>Writes it into a log, beside its header.</summary>
    /// <param name="log">The log.</param>
    public void WriteTo(IEventLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        log.AppendBlock(BlockKind.Configuration, ToBytes());
        log.AppendBlock(BlockKind.GuestImage, Image.File.Span);
        log.AppendBlock(BlockKind.DiskImage, Disk.Span);
    }

    /// <summary>Reads it from a log.</summary>
    /// <param name="log">The log.</param>
    /// <exception cref="LogDamagedException">The log does not hold it.</exception>
    /// <exception cref="ReplayRefusedException">It was taken out of the log (<see cref="LogRedaction"/>).</exception>
    public static MachineConfiguration ReadFrom(IEventLogReader log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (!log.TryReadBlock(BlockKind.Configuration, out ReadOnlyMemory<byte> settings)
            || !log.TryReadBlock(BlockKind.GuestImage, out ReadOnlyMemory<byte> image)
            || !log.TryReadBlock(BlockKind.DiskImage, out ReadOnlyMemory<byte> disk))
            throw Missing(log);
        try
        {
            using var reader = new BinaryReader(new MemoryStream(settings.ToArray()), Encoding.UTF8);
            string name = reader.ReadString();
            int vcpus = reader.ReadInt32();
            ulong memory = reader.ReadUInt64();
            int shift = reader.ReadInt32();
            var clock = (ClockKind)reader.ReadByte();
            int count = reader.ReadByte();
            var parameters = new ulong[count];
            for (int index = 0; index < count; index++)
                parameters[index] = reader.ReadUInt64();
            return new MachineConfiguration
            {
                GuestName = name, Image = ElfImage.Parse(image.Span), VcpuCount = vcpus, MemoryBytes = memory,
                PageShift = shift, Clock = clock, Parameters = parameters, Disk = disk.ToArray(),
            };
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            throw new LogDamagedException("The machine's configuration in the log cannot be read.", error);
        }
    }

    private static DeterminismException Missing(IEventLogReader log)
    {
        string[] taken = [.. LogRedaction.ReadLines(log).Where(static line => line.StartsWith("block ", StringComparison.Ordinal))];
        return taken.Length == 0
            ? new LogDamagedException("The log does not hold the machine that it was recorded on.")
            : new ReplayRefusedException("The log does not hold the machine that it was recorded on any more: taken out were "
                + string.Join(", ", taken) + ".");
    }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(VcpuCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(VcpuCount, GuestLayout.MaximumVcpus);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageShift, 6);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PageShift, 20);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Parameters.Count, GuestLayout.ParameterCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Disk.Length % GuestLayout.SectorBytes, 0);
    }

    private byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(GuestName);
        writer.Write(VcpuCount);
        writer.Write(MemoryBytes);
        writer.Write(PageShift);
        writer.Write((byte)Clock);
        writer.Write((byte)Parameters.Count);
        foreach (ulong parameter in Parameters)
            writer.Write(parameter);
        writer.Flush();
        return stream.ToArray();
    }
}
