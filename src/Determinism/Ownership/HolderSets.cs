using System.Runtime.CompilerServices;

namespace Determinism.Ownership;

/// <summary>Reads and builds the holder part of ownership words, for few agents and for many.</summary>
/// <remarks>
/// Up to 32 agents a word holds the whole set. Beyond, a single holder stands in the word itself and a larger set in a
/// spill slot of four words. Slots are taken, filled and freed under the tracker's gate; a reader outside of it reads
/// the word again afterwards, since the slot may have been reused.
/// </remarks>
internal sealed class HolderSets(int agentCount)
{
    private const int MaskAgents = 32;
    private const uint NoHolder = 0xFFFF_FFFF;
    private const int SlotWords = 4;

    private readonly bool _wide = agentCount > MaskAgents;
    private ulong[] _slots = [];

    // Room for all slots, so that giving them back takes none.
    private uint[] _free = [];
    private int _freeCount;

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
        return ((Volatile.Read(ref slots[(field * SlotWords) + (agent >> 6)]) >> (agent & 63)) & 1) != 0;
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

    /// <summary>Whether anybody but the two agents is a holder. Under the gate.</summary>
    public bool HasOtherThan(long word, int one, int another)
    {
        uint field = OwnershipWord.HolderField(word);
        if (!_wide)
            return (field & ~(1u << one) & ~(1u << another)) != 0;
        if (!OwnershipWord.Is(word, OwnershipWord.Spilled))
            return field != NoHolder && field != (uint)one && field != (uint)another;
        ulong others = 0;
        for (int part = 0; part < SlotWords; part++)
            others |= _slots[(field * SlotWords) + part] & ~BitIn(part, one) & ~BitIn(part, another);
        return others != 0;
    }

    private static ulong BitIn(int part, int agent) => agent >> 6 == part ? 1UL << (agent & 63) : 0;

    /// <summary>A word whose only holder is the agent.</summary>
    public long Only(int agent, int lastWriter, long flags) =>
        OwnershipWord.Make(_wide ? (uint)agent : 1u << agent, lastWriter, flags);

    /// <summary>The holders' numbers, ascending. Under the gate.</summary>
    public int CopyTo(long word, Span<int> agents)
    {
        uint field = OwnershipWord.HolderField(word);
        int count = 0;
        if (!_wide)
        {
            for (uint rest = field; rest != 0; rest &= rest - 1)
                agents[count++] = Bits.TrailingZeroCount(rest);
        }
        else if (!OwnershipWord.Is(word, OwnershipWord.Spilled))
        {
            if (field != NoHolder && OwnershipWord.Is(word, OwnershipWord.Touched))
                agents[count++] = (int)field;
        }
        else
        {
            for (int part = 0; part < SlotWords; part++)
                for (ulong rest = _slots[(field * SlotWords) + part]; rest != 0; rest &= rest - 1)
                    agents[count++] = (part * 64) + Bits.TrailingZeroCount(rest);
        }
        return count;
    }

    /// <summary>The word with other holders, in the shared state. Under the gate; the old word's slot is the caller's to
    /// <see cref="Release"/> once the swap has succeeded.</summary>
    public long WithHolders(long word, ReadOnlySpan<int> holders, long flags)
    {
        int writer = OwnershipWord.LastWriter(word);
        if (!_wide)
        {
            uint mask = 0;
            foreach (int holder in holders)
                mask |= 1u << holder;
            return OwnershipWord.Make(mask, writer, flags);
        }
        if (holders.Length <= 1)
            return OwnershipWord.Make(holders.IsEmpty ? NoHolder : (uint)holders[0], writer, flags);

        uint slot = Take();
        foreach (int holder in holders)
            _slots[(slot * SlotWords) + (holder >> 6)] |= 1UL << (holder & 63);
        return OwnershipWord.Make(slot, writer, flags | OwnershipWord.Spilled);
    }

    /// <summary>Frees the spill slot of a word that is no longer in the table. Under the gate.</summary>
    public void Release(long word)
    {
        if (!_wide || !OwnershipWord.Is(word, OwnershipWord.Spilled))
            return;
        uint slot = OwnershipWord.HolderField(word);
        Array.Clear(_slots, (int)slot * SlotWords, SlotWords);
        _free[_freeCount++] = slot;
    }

    private uint Take()
    {
        if (_freeCount == 0)
        {
            uint first = (uint)(_slots.Length / SlotWords);
            uint added = Math.Max(16, first);
            var larger = new ulong[(first + added) * SlotWords];
            _slots.CopyTo(larger, 0);
            Volatile.Write(ref _slots, larger);
            _free = new uint[first + added];
            for (uint slot = first + added; slot-- > first;)
                _free[_freeCount++] = slot;
        }
        return _free[--_freeCount];
    }
}
