namespace Determinism.Machine;

/// <summary>What has been sent to a vCPU and not yet taken: interrupts, and its start. Touched only inside a span of its
/// pseudo-frame, so that sender and receiver are in the order that the log has.</summary>
internal sealed class VcpuInbox
{
    private ulong _pending;

    /// <summary>Where it is to start; null until somebody has said so.</summary>
    public VcpuStart? Start { get; set; }

    public bool IsEmpty => _pending == 0;

    public void Add(int vector) => _pending |= 1UL << vector;

    /// <summary>Takes the lowest vector; -1 if there is none.</summary>
    public int Take()
    {
        if (_pending == 0)
            return -1;
        int vector = System.Numerics.BitOperations.TrailingZeroCount(_pending);
        _pending &= _pending - 1;
        return vector;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_pending);
        writer.Write(Start is not null);
        writer.Write(Start?.Entry ?? 0);
        writer.Write(Start?.Argument ?? 0);
        writer.Write(Start?.Stack ?? 0);
    }

    public void Load(BinaryReader reader)
    {
        _pending = reader.ReadUInt64();
        bool isStarted = reader.ReadBoolean();
        var start = new VcpuStart(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());
        Start = isStarted ? start : null;
    }
}

/// <summary>How a vCPU is started.</summary>
/// <param name="Entry">Where.</param>
/// <param name="Argument">With what.</param>
/// <param name="Stack">On which stack.</param>
internal sealed record VcpuStart(ulong Entry, ulong Argument, ulong Stack);
