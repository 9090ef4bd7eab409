using Determinism.Machine;

namespace Determinism.Emulation.Races;

/// <summary>The races found so far: each pair of places once, with how often.</summary>
internal sealed class RaceTable(MachineConfiguration configuration, List<AccessSite> sites)
{
    private readonly Dictionary<(AccessSite, AccessSite), int> _numbers = [];
    private readonly List<Race> _races = [];

    // Of the access that is being looked at: with whom it races, and on which bytes.
    private readonly List<(Epoch Other, ulong Address, int Size, bool IsValueThere)> _found = [];
    private int _agent;
    private AccessSite _site;
    private Observation.ObservedAccess _access;

    /// <summary>An access is looked at.</summary>
    public void Begin(int agent, AccessSite site, in Observation.ObservedAccess access)
    {
        _agent = agent;
        _site = site;
        _access = access;
    }

    /// <summary>It races with an earlier one at a byte; bytes come in ascending order.</summary>
    /// <param name="other">The earlier one.</param>
    /// <param name="address">The byte.</param>
    /// <param name="isValueThere">Whether what the earlier one read or wrote is there still.</param>
    public void Add(Epoch other, ulong address, bool isValueThere)
    {
        for (int index = 0; index < _found.Count; index++)
        {
            (Epoch known, ulong start, int size, bool isThere) = _found[index];
            if (!known.Equals(other))
                continue;
            if (start + (ulong)size == address)
                _found[index] = (known, start, size + 1, isThere && isValueThere);
            return;
        }
        _found.Add((other, address, 1, isValueThere));
    }

    /// <summary>All its bytes have been looked at.</summary>
    public void End()
    {
        if (_found.Count == 0)
            return;
        foreach ((Epoch other, ulong address, int size, bool isValueThere) in _found)
            Count(other, address, size, isValueThere);
        _found.Clear();
    }

    public IReadOnlyList<Race> ToList() => [.. _races];

    private void Count(Epoch other, ulong address, int size, bool isValueThere)
    {
        AccessSite first = sites[other.Site];
        if (_numbers.TryGetValue((first, _site), out int number))
        {
            _races[number] = _races[number] with { Count = _races[number].Count + 1 };
            return;
        }
        _numbers[(first, _site)] = _races.Count;
        _numbers[(_site, first)] = _races.Count;
        _races.Add(new Race(
            Describe(other.Agent, first, isValueThere ? ValueOf(_access.Before, address, size) : null),
            Describe(_agent, _site, ValueOf(_access.After, address, size)),
            address, size, DataNames.Of(configuration, address), 1));
    }

    private UInt128? ValueOf(UInt128 content, ulong address, int size)
    {
        const int KnownBytes = 16;
        if (_site.Instruction is null || _access.Access.Size > KnownBytes)
            return null;
        int offset = (int)(address - _access.Access.Address);
        UInt128 value = content >> (8 * offset);
        return size == KnownBytes ? value : value & ((UInt128.One << (8 * size)) - 1);
    }

    private RaceAccess Describe(int agent, AccessSite site, UInt128? value)
    {
        string place = site.Instruction is { } instruction ? configuration.Image.NameOf(instruction)
            : site.IsDevice ? "device" : "service";
        return new RaceAccess(agent, site.Instruction, place, site.IsWrite, site.IsSynchronisation, value);
    }
}
