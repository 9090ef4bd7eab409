namespace Determinism.Emulation;

// Rights. The processor looks at one byte per granule (a frame, or 4 KiB of a larger one): bit 0 lets loads and fetches
// through, bit 1 stores. What is not let through that quickly is decided here: an access that crosses a granule's end, a
// store where code has been cached, an access that may not be.
internal sealed unsafe partial class Processor
{
    private const byte MayLoad = 1;
    private const byte MayStore = 2;

    private static byte Bits(AccessRight right) => right switch
    {
        AccessRight.None => 0,
        AccessRight.Read => MayLoad,
        _ => MayLoad | MayStore,
    };

    /// <summary>Whether a load may be made; if not, <see cref="_exit"/> says why.</summary>
    private bool CheckLoad(ulong address, uint size) => Check(address, size, AccessRight.Read);

    /// <summary>Whether a store may be made; if not, <see cref="_exit"/> says why. Marks cached code that it hits.</summary>
    private bool CheckStore(ulong address, uint size)
    {
        if (!Check(address, size, AccessRight.ReadWrite))
            return false;
        for (var granule = address >> _granuleShift; granule <= (address + size - 1) >> _granuleShift; granule++)
        {
            if ((_fastRights[granule] & MayStore) != 0)
                continue;
            RefreshGranule(granule);
            // What is decoded is known exactly of this processor, by granule of the others.
            if ((_fastRights[granule] & MayStore) == 0 && (_sharedCode != null || _cache.HasCode(granule, address, size)))
                NoteCodeWritten(granule);
        }

        return true;
    }

    private bool Check(ulong address, uint size, AccessRight right)
    {
        if (address < _lowestAddress || address >= _memoryBytes || size > _memoryBytes - address)
        {
            _exit = new ProcessorExit(ProcessorExitReason.BadAddress, new MemoryAccess(address, size, right), 0, null);
            return false;
        }

        var bit = right == AccessRight.Read ? MayLoad : MayStore;
        for (var frame = address >> _pageShift; frame <= (address + size - 1) >> _pageShift; frame++)
        {
            if ((_rights[frame] & bit) == 0)
            {
                _exit = new ProcessorExit(ProcessorExitReason.Fault, new MemoryAccess(address, size, right), 0, null);
                return false;
            }
        }

        return true;
    }

    private void SetMisaligned(ulong address) => _exit = new ProcessorExit(
        ProcessorExitReason.GeneralProtection, new MemoryAccess(address, 16, AccessRight.Read), 0, null);

    /// <summary>The bytes that can be fetched from an address on, at most as many as an instruction has.</summary>
    internal ReadOnlySpan<byte> FetchableBytes(ulong address)
    {
        var count = 0;
        while (count < X86.InstructionReader.MaximumLength)
        {
            var at = address + (ulong)count;
            if (at < _lowestAddress || at >= _memoryBytes || (_rights[at >> _pageShift] & MayLoad) == 0 || !IsCode(at))
                break;
            count += (int)Math.Min((ulong)(X86.InstructionReader.MaximumLength - count), _granuleBytes - (at & (_granuleBytes - 1)));
        }

        return new ReadOnlySpan<byte>(_memory + address, count);
    }

    /// <summary>Notes that an instruction's byte cannot be fetched. Whether it is code comes first, as it does in a processor
    /// that walks its page tables.</summary>
    internal void SetFetchFault(ulong address)
    {
        if (address >= _lowestAddress && address < _memoryBytes && !IsCode(address))
            _exit = new ProcessorExit(ProcessorExitReason.NotCode, new MemoryAccess(address, 1, AccessRight.Read), 0, null);
        else
            Check(address, 1, AccessRight.Read);
    }

    private bool IsCode(ulong address) => _isCode is null || _isCode(address);

    /// <summary>Makes the quick right of a granule what its frame's right and its cached code allow.</summary>
    private void RefreshGranule(ulong granule)
    {
        var start = granule << _granuleShift;
        var bits = _rights[start >> _pageShift];
        if (start < _lowestAddress)
            bits = 0;
        else if (_cache.HasCode(granule) || (_sharedCode != null && _sharedCode.HasCode(granule)))
            bits &= MayLoad;
        _fastRights[granule] = bits;
    }

    private void NoteCodeWritten(ulong granule)
    {
        if (_writtenCount < _written.Length)
            _written[_writtenCount] = granule;
        _writtenCount++;
        Interlocked.Or(ref _state->Attention, Attention.CodeWritten);
    }
}
