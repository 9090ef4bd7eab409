using System.Runtime.CompilerServices;

namespace Determinism.Ownership;

/// <summary>Reads and builds the holder part of ownership words, for few agents and for many.</summary>
/// <remarks>
/// Up to 32 agents a word holds the whole set. Beyond, a single holder stands in the word itself and a larger set in a
/// spill slot of four words. Slots are taken, filled and freed under the tracker's gate, and not changed while a word of
/// the table names them; a reader outside of the gate reads the word again afterwards, since the slot may have been reused.
/// It may have become the same frame's again: so each set that is spilled has an edition of its own.
/// </remarks>
internal sealed class HolderSets(int agentCount)
{
    private const int MaskAgents = 32;
    private const uint NoHolder = 0xFFFF_FFFF;

    private readonly bool _wide = agentCount > MaskAgents;
    private ulong[] _slots = [];

    // Room for all slots, so that giving them back takes none.
    private uint[] _free = [];
    private int _freeCount;
    private ushort _edition;

    // Asked at every access: what stands in the word itself is answered where the question is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(long word, int agent)
    {
        uint field = OwnershipWord.HolderField(word);
        if (!_wide)
            return ((field >> agent) & 1) != 0;
        return OwnershipWord.Is(word, OwnershipWord.Spilled) ? IsInSlot(field, agent) : field == (uint)agent;
    }

    private bool IsInSlot(uint field, int agent)
    {
        ulong[] slots = Volatile.Read(ref _slots);
        return ((Volatile.Read(ref slots[(field * AgentSet.Words) + (agent >> 6)]) >> (agent & 63)) & 1) != 0;
    }

    public bool IsOnly(long word, int agent) => _wide
        ? !OwnershipWord.Is(word, OwnershipWord.Spilled) && OwnershipWord.HolderField(word) == (uint)agent
        : OwnershipWord.HolderField(word) == 1u << agent;

    /// <summary>Whether anybody but the agent is a holder.</summary>
    public bool HasOther(long word, int agent)
    {
        if (word == OwnershipWord.Untouched)
            return false;
        uint field = OwnershipWord.HolderField(word);
        if (!_wide)
            return (field & ~(1u << agent)) != 0;
        // A spilled set has two holders at least.
        return OwnershipWord.Is(word, OwnershipWord.Spilled) || (field != NoHolder && field != (uint)agent);
    }

    /// <summary>A word whose only holder is the agent.</summary>
    public long Only(int agent, int lastWriter, long flags) =>
        OwnershipWord.Make(_wide ? (uint)agent : 1u << agent, lastWriter, flags);

    /// <summary>The holders. Under the gate.</summary>
    public AgentSet Of(long word)
    {
        uint field = OwnershipWord.HolderField(word);
        if (!_wide)
            return new AgentSet(field);
        if (OwnershipWord.Is(word, OwnershipWord.Spilled))
            return new AgentSet(SlotOf(field));
        var set = default(AgentSet);
        if (field != NoHolder && OwnershipWord.Is(word, OwnershipWord.Touched))
            set.Add((int)field);
        return set;
    }

    /// <summary>The word with other holders, in the shared state. Under the gate; the old word's slot is the caller's to
    /// <see cref="Release"/> once the swap has succeeded.</summary>
    public long WithHolders(long word, AgentSet holders, long flags)
    {
        int writer = OwnershipWord.LastWriter(word);
        if (!_wide)
            return OwnershipWord.Make(holders.Mask, writer, flags);
        int count = holders.Count;
        if (count == 0)
            return OwnershipWord.Make(NoHolder, writer, flags);
        if (count == 1)
            return OwnershipWord.Make((uint)holders.First, writer, flags);

        uint slot = Take();
        holders.CopyTo(SlotOf(slot));
        return OwnershipWord.Make(slot, writer, flags | OwnershipWord.Spilled | OwnershipWord.Edition(++_edition));
    }

    /// <summary>Frees the spill slot of a word that is no longer in the table. Under the gate.</summary>
    public void Release(long word)
    {
        if (_wide && OwnershipWord.Is(word, OwnershipWord.Spilled))
            _free[_freeCount++] = OwnershipWord.HolderField(word);
    }

    private Span<ulong> SlotOf(uint field) => _slots.AsSpan((int)field * AgentSet.Words, AgentSet.Words);

    private uint Take()
    {
        if (_freeCount == 0)
        {
            uint first = (uint)(_slots.Length / AgentSet.Words);
            uint added = Math.Max(16, first);
            var larger = new ulong[(first + added) * AgentSet.Words];
            _slots.CopyTo(larger, 0);
            Volatile.Write(ref _slots, larger);
            _free = new uint[first + added];
            for (uint slot = first + added; slot-- > first;)
                _free[_freeCount++] = slot;
        }
        return _free[--_freeCount];
    }
}
