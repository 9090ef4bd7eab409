using Determinism.Emulation.Observation;
using Determinism.Machine;
using Determinism.Replaying;
using Determinism.TimeTravel.Tests.Support;

namespace Determinism.TimeTravel.Tests.Writers;

/// <summary>Every write of a straight replay whose vCPUs run as they like, from its first instruction on: what is one after the
/// other in one frame is told in that order.</summary>
internal sealed class WritesOfReplay : IInstructionObserver, IMachineObserver
{
    private readonly List<ObservedWrite> _writes = [];
    private ReplaySession? _session;
    private bool _hasBegun;

    private WritesOfReplay()
    {
    }

    public Lock Turn { get; } = new();

    /// <summary>Memory at the end.</summary>
    public byte[] Memory { get; private set; } = [];

    public IReadOnlyList<ObservedWrite> All => _writes;

    public static WritesOfReplay Of(Recorded recorded)
    {
        var writes = new WritesOfReplay();
        using var machine = new GuestMachine(recorded.Configuration, new ObservedBackend(writes),
            new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0, TimeLimit = TimeSpan.FromMinutes(1) })
        {
            Observer = writes,
        };
        using ReplaySession session = MachineRuns.StartReplay(machine, recorded.Log);
        writes._session = session;
        machine.Run(session);
        writes.Memory = machine.Processors.Memory.Slice(0, (int)machine.Processors.Memory.Size).ToArray();
        return writes;
    }

    public void Retired(int vcpu, ObservedInstruction instruction, ReadOnlySpan<ObservedAccess> accesses)
    {
        _hasBegun = true;
        foreach (ref readonly ObservedAccess access in accesses)
            Add(vcpu, instruction.Address, access.Access, access.After);
    }

    public void Stepped(int vcpu) => _hasBegun = true;

    public void Accessed(int agent, MemoryAccess access, bool releases)
    {
        lock (Turn)
        {
            if (_hasBegun)
                Add(agent, null, access, null);
        }
    }

    public void Sent(int agent, int device, int item)
    {
    }

    public void Received(int agent, int device, int item)
    {
    }

    private void Add(int agent, ulong? instruction, MemoryAccess access, UInt128? after)
    {
        if (access.Right == AccessRight.ReadWrite && access.Size > 0)
            _writes.Add(new ObservedWrite(agent, instruction, _session!.Agent(agent).CompletedEvents, access, after));
    }
}
