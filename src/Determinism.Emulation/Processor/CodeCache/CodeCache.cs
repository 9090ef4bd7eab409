using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Determinism.Emulation;

/// <summary>The decoded blocks of one processor, found by address and dropped by granule.</summary>
/// <remarks>
/// One piece of unmanaged memory: the processor's state, then blocks one behind the other. A dropped block stays where it
/// is, its first operation replaced by one that looks for its successor, so that nobody need know who links to it. When
/// the memory is full, everything is dropped at once.
/// </remarks>
internal sealed unsafe class CodeCache : IDisposable
{
    private const nuint ArenaBytes = 8 << 20;
    private const int BucketBits = 13;

    private readonly ulong _granules;
    private readonly Action<ulong> _codeChanged;
    private readonly byte* _arena;
    private readonly Block** _buckets;
    private readonly Block** _singles;
    private readonly Block** _heads;
    private byte* _next;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="granules">Number of granules of memory.</param>
    /// <param name="codeChanged">Told each granule that got its first block or lost its last one.</param>
    public CodeCache(ulong granules, Action<ulong> codeChanged)
    {
        _granules = granules;
        _codeChanged = codeChanged;
        _arena = (byte*)NativeMemory.AlignedAlloc(ArenaBytes, 64);
        NativeMemory.Clear(_arena, (nuint)sizeof(ProcessorState));
        _buckets = (Block**)NativeMemory.AllocZeroed(1 << BucketBits, (nuint)sizeof(Block*));
        _singles = (Block**)NativeMemory.AllocZeroed(1 << BucketBits, (nuint)sizeof(Block*));
        _heads = (Block**)NativeMemory.AllocZeroed((nuint)granules, (nuint)sizeof(Block*));
        _next = _arena + sizeof(ProcessorState);
    }

    /// <summary>Everything decoded before is gone when this has changed.</summary>
    public uint Generation { get; private set; }

    public ProcessorState* State => (ProcessorState*)_arena;

    /// <summary>The most recently found block of each bucket.</summary>
    public Block** Buckets => _buckets;

    /// <summary>The bucket of an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Hash(ulong rip) => (nuint)((rip * 0x9E3779B97F4A7C15) >> (64 - BucketBits));

    /// <summary>The block at an address, moved to the front of its bucket.</summary>
    public Block* Find(ulong rip, bool single)
    {
        var bucket = BucketOf(rip, single);
        for (var link = bucket; *link != null; link = &(*link)->NextInBucket)
        {
            var block = *link;
            if (block->Rip != rip)
                continue;
            *link = block->NextInBucket;
            block->NextInBucket = *bucket;
            *bucket = block;
            return block;
        }

        return null;
    }

    /// <summary>Memory for a block of so many bytes, header included; makes room by dropping everything.</summary>
    public Block* Reserve(int bytes)
    {
        if (_next + bytes > _arena + ArenaBytes)
            Clear();
        return (Block*)_next;
    }

    /// <summary>Whether a granule has decoded instructions.</summary>
    public bool HasCode(ulong granule) => _heads[granule] != null;

    /// <summary>Whether a range that starts or ends in a granule has bytes of its decoded instructions.</summary>
    public bool HasCode(ulong granule, ulong address, uint size)
    {
        for (var block = _heads[granule]; block != null; block = *NextIn(block, granule))
        {
            if (address < block->Rip + (ulong)block->Bytes && block->Rip < address + size)
                return true;
        }

        return false;
    }

    /// <summary>Takes in the block that was built where <see cref="Reserve"/> said.</summary>
    public void Add(Block* block)
    {
        _next = (byte*)(Block.Ops(block) + block->OpCount);
        var bucket = BucketOf(block->Rip, block->IsSingle);
        block->NextInBucket = *bucket;
        *bucket = block;
        block->NextInFirst = Enlist(block, block->FirstGranule);
        block->NextInSecond = block->SecondGranule == Block.NoGranule ? null : Enlist(block, block->SecondGranule);
    }

    /// <summary>Drops the blocks that have a byte in a granule.</summary>
    public void Drop(ulong granule)
    {
        while (_heads[granule] != null)
        {
            var block = _heads[granule];
            Delist(block, block->FirstGranule);
            if (block->SecondGranule != Block.NoGranule)
                Delist(block, block->SecondGranule);
            var link = BucketOf(block->Rip, block->IsSingle);
            while (*link != block)
                link = &(*link)->NextInBucket;
            *link = block->NextInBucket;
            Block.Ops(block)->Kind = OpKind.Stale;
        }
    }

    /// <summary>Drops all blocks and forgets where they were: nobody may hold one.</summary>
    public void Clear()
    {
        Generation++;
        for (var at = _arena + sizeof(ProcessorState); at < _next;)
        {
            var block = (Block*)at;
            at = (byte*)(Block.Ops(block) + block->OpCount);
            Forget(block->FirstGranule);
            if (block->SecondGranule != Block.NoGranule)
                Forget(block->SecondGranule);
        }

        _next = _arena + sizeof(ProcessorState);
        new Span<nint>(_buckets, 1 << BucketBits).Clear();
        new Span<nint>(_singles, 1 << BucketBits).Clear();
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_arena);
        NativeMemory.Free(_buckets);
        NativeMemory.Free(_singles);
        NativeMemory.Free(_heads);
    }

    private Block** BucketOf(ulong rip, bool single) => (single ? _singles : _buckets) + Hash(rip);

    private void Forget(ulong granule)
    {
        if (_heads[granule] == null)
            return;
        _heads[granule] = null;
        _codeChanged(granule);
    }

    private Block* Enlist(Block* block, ulong granule)
    {
        var next = _heads[granule];
        _heads[granule] = block;
        if (next == null)
            _codeChanged(granule);
        return next;
    }

    private void Delist(Block* block, ulong granule)
    {
        var link = &_heads[granule];
        while (*link != block)
            link = NextIn(*link, granule);
        *link = *NextIn(block, granule);
        if (_heads[granule] == null)
            _codeChanged(granule);
    }

    private static Block** NextIn(Block* block, ulong granule) =>
        block->FirstGranule == granule ? &block->NextInFirst : &block->NextInSecond;
}
