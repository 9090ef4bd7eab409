using System.Runtime.CompilerServices;

namespace Determinism.Emulation;

// Code caches stay coherent with memory: this processor's own stores into code, and news of other processors.
internal sealed unsafe partial class Processor
{
    private bool _isInside;
    private long _newsHeard;

    internal int GranuleShift => _granuleShift;

    /// <summary>Whether other processors may store at any time.</summary>
    internal bool SharesCode => _sharedCode != null;

    internal void HoldCode(ulong granule) => _sharedCode?.Hold(this, granule);

    internal void ReleaseCode(ulong granule) => _sharedCode?.Release(granule);

    /// <summary>Whether the processor may be storing.</summary>
    internal bool IsInside
    {
        get => Volatile.Read(ref _isInside);
        set => Volatile.Write(ref _isInside, value);
    }

    /// <summary>How much of <see cref="SharedCode"/>'s news this processor has acted on; guarded by its lock.</summary>
    internal long NewsHeard
    {
        get => _newsHeard;
        set => _newsHeard = value;
    }

    internal void Notify() => Interlocked.Or(ref _state->Attention, Attention.SharedNews);

    internal void DropCode(ulong granule) => _cache.Drop(granule);

    internal void DropAllCode()
    {
        // Not Clear: the caller may be inside a block.
        for (ulong granule = 0; granule < _granules; granule++)
            _cache.Drop(granule);
    }

    internal void Refresh(ulong granule) => RefreshGranule(granule);

    internal void RefreshAllGranules()
    {
        for (ulong granule = 0; granule < _granules; granule++)
            RefreshGranule(granule);
    }

    /// <summary>Acts on whatever wants attention.</summary>
    /// <returns>Whether the processor has been asked to leave.</returns>
    private bool Attend()
    {
        var attention = Volatile.Read(ref _state->Attention);
        if ((attention & Attention.CodeWritten) != 0)
            SpreadWrittenCode();
        if ((attention & Attention.SharedNews) != 0)
        {
            Interlocked.And(ref _state->Attention, ~Attention.SharedNews);
            _sharedCode!.Hear(this);
        }

        return (attention & Attention.ExitRequested) != 0;
    }

    private void SpreadWrittenCode()
    {
        Interlocked.And(ref _state->Attention, ~Attention.CodeWritten);
        if (_writtenCount > _written.Length)
        {
            // Too many to have been noted: a string instruction over much code.
            for (ulong granule = 0; granule < _granules; granule++)
                ForgetWritten(granule);
        }
        else
        {
            for (var i = 0; i < _writtenCount; i++)
                ForgetWritten(_written[i]);
        }

        _writtenCount = 0;
    }

    private void ForgetWritten(ulong granule)
    {
        _cache.Drop(granule);
        _sharedCode?.Written(this, granule);
    }

    private void CodeChanged(ulong granule)
    {
        if (_sharedCode != null)
        {
            if (_cache.HasCode(granule))
                _sharedCode.Cache(granule);
            else
                _sharedCode.Release(granule);
        }

        RefreshGranule(granule);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Block* FindOrBuild(ulong rip)
    {
        var block = _cache.Find(rip, single: false);
        return block != null ? block : Build(rip, single: false);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Block* FindOrBuildSingle(ulong rip)
    {
        var block = _cache.Find(rip, single: true);
        return block != null ? block : Build(rip, single: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Block* FindAndLink(Links* links)
    {
        var generation = _cache.Generation;
        var block = FindOrBuild(links->TakenRip);
        // When the cache has been emptied to make room, the links are gone.
        if (generation == _cache.Generation)
            links->Taken = block;
        return block;
    }

    private Block* Build(ulong rip, bool single) => _builder.Build(rip, single);
}
