using System.Buffers.Binary;

namespace Determinism.Machine;

/// <summary>A block device with DMA: an agent of its own, which reads and writes guest memory while vCPUs run.</summary>
/// <remarks>Requests are queued inside a span of the disk's pseudo-frame. A transfer goes sector by sector, each its own
/// operation, so that it can race with the guest; the status word is written last, then the interrupt is sent.</remarks>
internal sealed class Disk(byte[] content, PublishedCode code)
{
    private const int DescriptorBytes = 32;
    private const int StatusOffset = 24;
    private const uint Succeeded = 1;
    private const uint Failed = 2;

    private readonly Queue<DiskRequest> _queue = new();
    private readonly byte[] _sector = new byte[GuestLayout.SectorBytes];
    private int _submitted;

    /// <summary>The content; only the disk's own agent touches it.</summary>
    public ReadOnlySpan<byte> Content => content;

    /// <summary>Who is told what the disk does to guest memory.</summary>
    public IMachineObserver? Observer { get; set; }

    /// <summary>Whether a request may be waiting; a hint for the recording.</summary>
    public bool HasWork => Volatile.Read(ref _submitted) > 0;

    /// <summary>Queues a request; inside a span of the disk's pseudo-frame.</summary>
    public void Submit(DiskRequest request) => _queue.Enqueue(request);

    /// <summary>Says that a request was queued.</summary>
    public void SignalSubmitted() => Interlocked.Increment(ref _submitted);

    /// <summary>Takes over another disk's content.</summary>
    public void Load(ReadOnlySpan<byte> stored) => stored.CopyTo(content);

    /// <summary>Writes the requests that wait.</summary>
    public void SaveRequests(BinaryWriter writer)
    {
        writer.Write(_queue.Count);
        foreach (DiskRequest request in _queue)
        {
            writer.Write(request.Vcpu);
            writer.Write(request.Descriptor);
        }
    }

    /// <summary>Takes over requests that waited.</summary>
    public void LoadRequests(BinaryReader reader)
    {
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            Submit(new DiskRequest(reader.ReadInt32(), reader.ReadUInt64()));
            SignalSubmitted();
        }
    }

    /// <summary>The agent's life: waits for requests and carries them out.</summary>
    public void Serve(AgentSession agent, int device, ulong memoryBytes, Action<int> complete)
    {
        // It had, at the checkpoint that a replay goes on from.
        while (!agent.HasEnded)
        {
            if (agent.Asynchronous(HasWork, 0, out _))
            {
                Interlocked.Decrement(ref _submitted);
                agent.BeginOperation();
                if (!TryTake(agent, device, out DiskRequest request) || !Transfer(agent, request, memoryBytes))
                    break;
                complete(request.Vcpu);
            }
            else if (!agent.WaitForWake())
            {
                break;
            }
        }
        agent.End();
    }

    private bool TryTake(AgentSession agent, int device, out DiskRequest request)
    {
        using MemorySpan span = agent.OpenDevice(device);
        request = default;
        if (!span.IsOpen || !_queue.TryDequeue(out request))
            return false;
        Observer?.Received(agent.Id, device, request.Vcpu);
        return true;
    }

    private bool Transfer(AgentSession agent, DiskRequest request, ulong memoryBytes)
    {
        if (!GuestRange.IsAllowed(request.Descriptor, DescriptorBytes, memoryBytes))
            return true;
        Span<byte> descriptor = stackalloc byte[DescriptorBytes];
        var whole = new MemoryAccess(request.Descriptor, DescriptorBytes, AccessRight.Read);
        using (MemorySpan span = agent.Open([whole]))
        {
            if (!span.IsOpen)
                return false;
            Observer?.Accessed(agent.Id, whole, releases: false);
            span.Read(request.Descriptor, descriptor);
        }

        bool isWrite = BinaryPrimitives.ReadUInt32LittleEndian(descriptor) != 0;
        ulong sectors = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[4..]);
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(descriptor[8..]);
        ulong buffer = BinaryPrimitives.ReadUInt64LittleEndian(descriptor[16..]);
        ulong length = sectors * GuestLayout.SectorBytes;
        ulong diskSectors = (ulong)content.Length / GuestLayout.SectorBytes;
        bool isSound = first <= diskSectors && sectors <= diskSectors - first && GuestRange.IsAllowed(buffer, length, memoryBytes);
        for (ulong sector = 0; isSound && sector < sectors; sector++)
        {
            agent.BeginOperation();
            if (!TransferSector(agent, isWrite, first + sector, buffer + (sector * GuestLayout.SectorBytes)))
                return false;
        }
        agent.BeginOperation();
        return WriteStatus(agent, request.Descriptor + StatusOffset, isSound ? Succeeded : Failed);
    }

    private bool TransferSector(AgentSession agent, bool isWrite, ulong sector, ulong address)
    {
        var access = new MemoryAccess(address, GuestLayout.SectorBytes, isWrite ? AccessRight.Read : AccessRight.ReadWrite);
        using MemorySpan span = agent.Open([access]);
        if (!span.IsOpen)
            return false;
        Observer?.Accessed(agent.Id, access, releases: false);
        Span<byte> stored = content.AsSpan((int)sector * GuestLayout.SectorBytes, GuestLayout.SectorBytes);
        if (isWrite)
        {
            span.Read(address, _sector);
            _sector.CopyTo(stored);
        }
        else
        {
            code.RefuseWrite(agent, address, GuestLayout.SectorBytes);
            span.Write(address, stored);
        }
        return true;
    }

    private bool WriteStatus(AgentSession agent, ulong address, uint status)
    {
        var access = new MemoryAccess(address, sizeof(uint), AccessRight.ReadWrite);
        using MemorySpan span = agent.Open([access]);
        if (!span.IsOpen)
            return false;
        // All of the transfer lies before it, and a guest may look at this word instead of waiting for the interrupt.
        Observer?.Accessed(agent.Id, access, releases: true);
        Span<byte> word = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(word, status);
        code.RefuseWrite(agent, address, sizeof(uint));
        span.Write(address, word);
        return true;
    }
}

/// <summary>A request to the disk.</summary>
/// <param name="Vcpu">Who asked, and is told when it is done.</param>
/// <param name="Descriptor">Where the descriptor is.</param>
internal readonly record struct DiskRequest(int Vcpu, ulong Descriptor);
