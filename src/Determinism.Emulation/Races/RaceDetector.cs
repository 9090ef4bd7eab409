using Determinism.Emulation.Observation;
using Determinism.Machine;

namespace Determinism.Emulation.Races;

/// <summary>Finds accesses that no synchronisation orders, while a machine runs.</summary>
/// <remarks>
/// Happens-before with a vector clock an agent and epochs a byte, after FastTrack (Flanagan and Freund 2009). What orders:
/// <list type="bullet">
/// <item>a locked operation, which takes over what the last synchronising write of the word knew, and hands on what its own
/// agent knows;</item>
/// <item>a release store, which hands on; and any load that finds its value, since on x86 every load acquires;</item>
/// <item>starts, interrupts between agents, and requests to the disk, from who sends to who takes; the disk's status word,
/// as a release store.</item>
/// </list>
/// The log's own constraints order nothing here: they say how it went, not how it had to go. A conflict is a race if one side
/// is a plain write. A load that conflicts with a synchronising write is none: on x86 it is one access, before or after.
/// </remarks>
internal sealed class RaceDetector : IInstructionObserver, IMachineObserver
{
    private readonly MachineConfiguration _configuration;
    private readonly HashSet<ulong> _releaseEnds;
    private readonly VectorClocks _clocks;
    private readonly ShadowMemory _shadow;
    private readonly Dictionary<(int Device, int Item), uint[]> _sent = [];
    private readonly Dictionary<AccessSite, int> _siteNumbers = [];
    private readonly List<AccessSite> _sites = [];
    private readonly RaceTable _races;
    private long _accesses;
    private long _synchronisations;

    public RaceDetector(MachineConfiguration configuration)
    {
        _configuration = configuration;
        _releaseEnds = [.. configuration.Image.ReleaseEnds];
        _clocks = new VectorClocks(configuration.Shape.AgentCount);
        _shadow = new ShadowMemory(configuration.MemoryBytes);
        _races = new RaceTable(configuration, _sites);
    }

    public Lock Turn { get; } = new();

    public RaceReport Report()
    {
        lock (Turn)
            return new RaceReport(_races.ToList(), _accesses, _synchronisations, _configuration.Image.ReleaseEnds.Count(end => end != 0));
    }

    public void Retired(int vcpu, ObservedInstruction instruction, ReadOnlySpan<ObservedAccess> accesses)
    {
        bool isRelease = !instruction.IsLocked && _releaseEnds.Contains(instruction.End);
        foreach (ref readonly ObservedAccess access in accesses)
        {
            bool isWrite = access.Access.Right == AccessRight.ReadWrite;
            bool isSynchronisation = instruction.IsLocked || (isRelease && isWrite);
            var site = new AccessSite(instruction.Address, false, isWrite, isSynchronisation);
            Look(vcpu, site, acquires: instruction.IsLocked || !isWrite, access);
        }
    }

    public void Accessed(int agent, MemoryAccess access, bool releases)
    {
        lock (Turn)
        {
            bool isWrite = access.Right == AccessRight.ReadWrite;
            var site = new AccessSite(null, agent >= _configuration.VcpuCount, isWrite, releases);
            Look(agent, site, acquires: !isWrite, new ObservedAccess(access, default, default));
        }
    }

    public void Sent(int agent, int device, int item)
    {
        lock (Turn)
        {
            _synchronisations++;
            uint[] released = _clocks.Release(agent);
            // Interrupts of several senders may become one.
            if (_sent.TryGetValue((device, item), out uint[]? before))
                VectorClocks.Join(released, before);
            _sent[(device, item)] = released;
        }
    }

    public void Received(int agent, int device, int item)
    {
        lock (Turn)
        {
            if (_sent.TryGetValue((device, item), out uint[]? released))
                _clocks.Acquire(agent, released);
        }
    }

    private void Look(int agent, AccessSite site, bool acquires, in ObservedAccess observed)
    {
        ulong address = observed.Access.Address;
        ulong size = observed.Access.Size;
        if (GuestLayout.IsControl(address) || address >= _configuration.MemoryBytes || size > _configuration.MemoryBytes - address)
            return;
        _accesses++;
        if (acquires)
            Acquire(agent, address, size);
        var epoch = new Epoch(agent, _clocks.Now(agent), NumberOf(site));
        _races.Begin(agent, site, observed);
        for (ulong at = address; at < address + size; at++)
            Check(agent, site, at, ref _shadow[at], epoch);
        _races.End();
        if (site.IsSynchronisation)
            Release(agent, address, size);
    }

    private void Acquire(int agent, ulong address, ulong size)
    {
        uint[]? last = null;
        for (ulong at = address; at < address + size; at++)
        {
            uint[]? released = _shadow[at].Released;
            if (released is not null && released != last)
                _clocks.Acquire(agent, released);
            last = released;
        }
    }

    private void Release(int agent, ulong address, ulong size)
    {
        _synchronisations++;
        uint[] released = _clocks.Release(agent);
        for (ulong at = address; at < address + size; at++)
            _shadow[at].Released = released;
    }

    private void Check(int agent, AccessSite site, ulong at, ref ShadowMemory.Cell cell, Epoch epoch)
    {
        // All that comes later races with a plain write; with anything else only plain writes do.
        if (!cell.Write.IsNone && !_clocks.IsBefore(cell.Write, agent))
            _races.Add(cell.Write, at, isValueThere: cell.Released is null);
        if (!site.IsWrite || site.IsSynchronisation)
        {
            AddOther(agent, ref cell, epoch);
            return;
        }
        if (cell.Others is not null)
        {
            foreach (Epoch other in cell.Others)
                CheckOther(agent, other, at, isValueThere: cell.Released is null);
        }
        else
        {
            CheckOther(agent, cell.Other, at, isValueThere: cell.Released is null);
        }
        cell = new ShadowMemory.Cell { Write = epoch };
    }

    private void CheckOther(int agent, Epoch other, ulong at, bool isValueThere)
    {
        if (!other.IsNone && !_clocks.IsBefore(other, agent))
            _races.Add(other, at, isValueThere);
    }

    private void AddOther(int agent, ref ShadowMemory.Cell cell, Epoch epoch)
    {
        if (cell.Others is not null)
        {
            cell.Others[agent] = epoch;
        }
        else if (cell.Other.IsNone || _clocks.IsBefore(cell.Other, agent))
        {
            cell.Other = epoch;
        }
        else
        {
            cell.Others = new Epoch[_configuration.Shape.AgentCount];
            cell.Others[cell.Other.Agent] = cell.Other;
            cell.Others[agent] = epoch;
        }
    }

    private int NumberOf(AccessSite site)
    {
        if (_siteNumbers.TryGetValue(site, out int number))
            return number;
        number = _sites.Count;
        if (number == Epoch.MostSites)
            throw new GuestErrorException($"The guest touches memory from more than {Epoch.MostSites} places.");
        _sites.Add(site);
        _siteNumbers.Add(site, number);
        return number;
    }
}
