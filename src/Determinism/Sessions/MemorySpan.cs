namespace Determinism;

/// <summary>A stretch of time in which an agent may touch certain guest memory, and perhaps one device's state: the only
/// door to guest memory for devices and the VMM (design §6).</summary>
/// <remarks>All its frames are held before it opens. No span is opened inside a span, and nothing is waited for in one.
/// Dispose it to let the frames go to others.</remarks>
public readonly ref struct MemorySpan
{
    private readonly AgentSession _agent;
    private readonly long _number;
    private readonly ReadOnlySpan<MemoryAccess> _accesses;

    internal MemorySpan(AgentSession agent, long number, ReadOnlySpan<MemoryAccess> accesses)
    {
        _agent = agent;
        _number = number;
        _accesses = accesses;
    }

    /// <summary>Whether the span is open; it is not when the session ended before its frames were granted, nor after
    /// <see cref="Dispose"/>.</summary>
    public bool IsOpen => _agent is not null && _agent.IsOpen(_number);

    /// <summary>Copies guest memory out.</summary>
    /// <param name="address">Guest-physical address.</param>
    /// <param name="destination">Where to.</param>
    /// <exception cref="InvalidOperationException">The span was not opened for these bytes, or is closed.</exception>
    public void Read(ulong address, Span<byte> destination)
    {
        Check(address, destination.Length, AccessRight.Read);
        _agent.Backend.ReadMemory(address, destination);
    }

    /// <summary>Copies into guest memory.</summary>
    /// <param name="address">Guest-physical address.</param>
    /// <param name="source">Where from.</param>
    /// <exception cref="InvalidOperationException">The span was not opened for writing these bytes, or is closed.</exception>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        Check(address, source.Length, AccessRight.ReadWrite);
        _agent.Backend.WriteMemory(address, source);
    }

    /// <summary>Closes the span; a second time does nothing.</summary>
    public void Dispose() => _agent?.CloseSpan(_number);

    private void Check(ulong address, int length, AccessRight right)
    {
        if (!IsOpen)
            throw new InvalidOperationException("The span is not open: it was disposed of, or the session has ended.");
        foreach (MemoryAccess access in _accesses)
        {
            // In this order nothing wraps around.
            if (address >= access.Address && (uint)length <= access.Size
                && address - access.Address <= access.Size - (uint)length && access.Right >= right)
                return;
        }
        if (length > 0)
            throw new InvalidOperationException(
                $"The span was not opened for {right} of {length} bytes at 0x{address:X}.");
    }
}
