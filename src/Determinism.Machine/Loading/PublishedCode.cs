using Determinism.X86;

namespace Determinism.Machine;

/// <summary>What a guest has made executable while it ran, in the order of its publication.</summary>
/// <remarks>
/// <para>A range is added inside a span of its frames and of the pseudo-frame of published code, which every vCPU opens too
/// before it takes what is new to it: so the log has the order. The list is replaced as a whole, so readers need no
/// lock.</para>
/// <para>A vCPU takes ranges whole, at its first fetch from one, and nobody writes there again. Where a poll traps depends on
/// the VMM's limit, so the frame of a trap must never be acquired by itself: it would not be in a replay.</para>
/// </remarks>
internal sealed class PublishedCode(int pageShift)
{
    private const int SmallestPageShift = 12;

    private CodeRegion[] _regions = [];
    private MemoryAccess[] _frames = [];

    /// <summary>All code that was published, byte by byte as it was told.</summary>
    public IReadOnlyList<CodeRegion> Regions => Volatile.Read(ref _regions);

    /// <summary>The frames of each piece of it, to be read.</summary>
    public IReadOnlyList<MemoryAccess> Frames => Volatile.Read(ref _frames);

    /// <summary>The frames that hold a range.</summary>
    public MemoryAccess FramesOf(ulong address, ulong bytes, AccessRight right)
    {
        ulong mask = (1UL << Math.Max(pageShift, SmallestPageShift)) - 1;
        ulong start = address & ~mask;
        return new MemoryAccess(start, (uint)(((address + bytes + mask) & ~mask) - start), right);
    }

    /// <summary>Adds a range; inside the span of the pseudo-frame.</summary>
    public void Add(CodeRegion region)
    {
        MemoryAccess frames = FramesOf(region.Address, (ulong)region.Bytes.Length, AccessRight.Read);
        Volatile.Write(ref _regions, [.. _regions, region]);
        Volatile.Write(ref _frames, [.. _frames, frames]);
    }

    /// <summary>Writes all of it.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(_regions.Length);
        foreach (CodeRegion region in _regions)
        {
            writer.Write(region.Address);
            writer.Write(region.Bytes.Length);
            writer.Write(region.Bytes.Span);
        }
    }

    /// <summary>Takes over what was written.</summary>
    public void Load(BinaryReader reader)
    {
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            ulong address = reader.ReadUInt64();
            Add(new CodeRegion(address, reader.ReadBytes(reader.ReadInt32())));
        }
    }

    /// <summary>Whether a range touches published frames.</summary>
    public bool Touches(ulong address, ulong bytes)
    {
        foreach (MemoryAccess frames in Volatile.Read(ref _frames))
        {
            if (address < frames.Address + frames.Size && frames.Address < address + bytes)
                return true;
        }
        return false;
    }

    /// <summary>Refuses to write into published code on a guest's behalf. Inside a span that holds the range.</summary>
    /// <exception cref="GuestErrorException">There is published code.</exception>
    public void RefuseWrite(AgentSession agent, ulong address, ulong bytes)
    {
        if (Touches(address, bytes))
            throw new GuestErrorException($"{(agent.IsVcpu ? $"vCPU {agent.Id}" : "A device")} would write {bytes} bytes at "
                + $"0x{address:X}, where there is published code.");
    }
}
