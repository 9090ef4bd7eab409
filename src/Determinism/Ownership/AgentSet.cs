using System.Runtime.CompilerServices;

namespace Determinism.Ownership;

/// <summary>A set of agents, a bit each. A copy is another set: what is being gone through may change meanwhile.</summary>
internal struct AgentSet
{
    /// <summary>Words of a set, for up to 256 agents.</summary>
    public const int Words = 4;

    private const int WordShift = 6;
    private const int WordMask = (1 << WordShift) - 1;
    private const int Most = Words << WordShift;

    private ulong _first;
    private ulong _second;
    private ulong _third;
    private ulong _fourth;

    public AgentSet(ReadOnlySpan<ulong> words)
    {
        _first = words[0];
        _second = words[1];
        _third = words[2];
        _fourth = words[3];
    }

    public AgentSet(uint mask) => _first = mask;

    public readonly int Count =>
        Bits.PopCount(_first) + Bits.PopCount(_second) + Bits.PopCount(_third) + Bits.PopCount(_fourth);

    public readonly bool IsEmpty => (_first | _second | _third | _fourth) == 0;

    /// <summary>The least agent of a set that is not empty.</summary>
    public readonly int First
    {
        get
        {
            Enumerator one = GetEnumerator();
            one.MoveNext();
            return one.Current;
        }
    }

    /// <summary>The agents below 32.</summary>
    public readonly uint Mask => (uint)_first;

    public void Add(int agent) => WordOf(ref this, agent) |= 1UL << (agent & WordMask);

    public void Remove(int agent) => WordOf(ref this, agent) &= ~(1UL << (agent & WordMask));

    public readonly void CopyTo(Span<ulong> words)
    {
        words[0] = _first;
        words[1] = _second;
        words[2] = _third;
        words[3] = _fourth;
    }

    /// <summary>The agents' numbers, ascending.</summary>
    public readonly int CopyTo(Span<int> agents)
    {
        int count = 0;
        foreach (int agent in this)
            agents[count++] = agent;
        return count;
    }

    /// <summary>The agents, ascending.</summary>
    public readonly Enumerator GetEnumerator() => new(this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong WordOf(ref AgentSet set, int agent)
    {
        switch (agent >> WordShift)
        {
            case 0:
                return ref set._first;
            case 1:
                return ref set._second;
            case 2:
                return ref set._third;
            default:
                return ref set._fourth;
        }
    }

    /// <summary>Goes through a set.</summary>
    public struct Enumerator(AgentSet set)
    {
        private AgentSet _set = set;
        private ulong _rest = set._first;
        private int _from;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            while (_rest == 0)
            {
                _from += 1 << WordShift;
                if (_from == Most)
                    return false;
                _rest = WordOf(ref _set, _from);
            }
            Current = _from + Bits.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }
    }
}
