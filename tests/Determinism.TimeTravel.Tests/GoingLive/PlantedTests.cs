using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;
using Determinism.TimeTravel.Tests.Support;

namespace Determinism.TimeTravel.Tests.GoingLive;

/// <summary>Which mistakes are found when a machine goes live, each made on purpose; and what is refused.</summary>
public sealed class PlantedTests : IDisposable
{
    private readonly Recorded _recorded = Recorded.Make("devices", 2, ClockKind.SoftwareCounter, "managed", 5, 80);
    private readonly Machine.TimeTravel _travel;
    private readonly ReplaySnapshot _snapshot;
    private readonly StateDigest _there;

    public PlantedTests()
    {
        _travel = new Machine.TimeTravel(_recorded.Log, Recorded.Managed, TimeProvider.System);
        _travel.GoToEvent(0, _recorded.Events[0] / 3);
        _snapshot = _travel.TakeSnapshot();
        _there = StateDigest.Of(_travel.Machine);
    }

    public void Dispose() => _travel.Dispose();

    [Fact]
    public void Nothing_is_found_where_nothing_is_wrong() => Assert.Equal(_there, Begin(Bend()).StateAtStart());

    [Fact]
    public void A_piece_of_memory_that_is_forgotten_is_found()
    {
        // One that is not as it was loaded.
        using var loaded = NewMachine();
        var content = new byte[4096];
        Assert.True(IsFound(Bend(memory: memory => memory.RemoveAt(memory.FindIndex(piece =>
        {
            loaded.Processors.ReadMemory(piece.Address, content.AsSpan(0, piece.Content.Length));
            return !GuestLayout.IsControl(piece.Address) && !content.AsSpan(0, piece.Content.Length).SequenceEqual(piece.Content);
        })))));
    }

    [Fact]
    public void A_piece_that_the_childs_log_forgets_is_found()
    {
        Child child = Begin(_snapshot);
        var copy = new MemoryEventLog(child.Log.StreamCount);
        Machine.Tests.Checkpoints.LogEdits.Copy(child.Log, copy, content => content with
        {
            Memory = [.. content.Memory.Where(one => one != content.Memory.Last(static piece => piece.Content != 0))],
        });
        using var travel = new Machine.TimeTravel(copy, Recorded.Managed, TimeProvider.System);
        travel.GoTo(travel.Cuts.Start);
        Assert.NotEqual(_there, StateDigest.Of(travel.Machine));
    }

    [Fact]
    public void Devices_that_are_forgotten_are_found() => Assert.True(IsFound(Bend(state: state =>
    {
        // A vCPU's exit code, behind its registers, count, mask, phase and handler.
        state[_travel.Machine.DiskContent.Length + 8 + System.Runtime.InteropServices.Marshal.SizeOf<X86.X86Registers>() + 21] ^= 1;
    })));

    [Fact]
    public void Registers_that_are_not_those_at_the_cut_are_refused() => Assert.Throws<LogDamagedException>(() =>
        Begin(Bend(state: state => state[_travel.Machine.DiskContent.Length + 8] ^= 1)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_place_that_is_off_by_one_is_refused(int vcpu) => Assert.Throws<LogDamagedException>(() => Begin(Bend(agents: agents =>
        agents[vcpu] = agents[vcpu] with { Position = agents[vcpu].Position with { Position = agents[vcpu].Position.Position + 1 } })));

    [Fact]
    public void The_state_one_event_on_is_another()
    {
        _travel.GoToEvent(0, _snapshot.Cut.Positions[0].Events + 1);
        Assert.NotEqual(_there, Begin(_travel.TakeSnapshot()).StateAtStart());
    }

    [Fact]
    public void Nobody_goes_on_from_the_middle_of_a_transfer()
    {
        int disk = _recorded.Configuration.VcpuCount;
        int found = 0;
        for (ulong number = 1; number <= _recorded.Events[disk] && found < 3; number++)
        {
            Cut cut = _recorded.Cuts.AfterEvent(disk, number);
            if (_recorded.Cuts.Settle(cut).Positions[disk] == cut.Positions[disk])
                continue;
            found++;
            Assert.Contains($"Agent {disk}", Refusal(cut), StringComparison.Ordinal);
            // The journey goes on to where it is done.
            _travel.GoTo(cut);
            Child child = Begin(_travel.TakeSnapshot());
            Assert.Equal(StateDigest.Of(_travel.Machine), child.StateAtStart());
            Assert.Null(child.Replay("managed"));
        }
        Assert.Equal(3, found);
    }

    [Fact]
    public void Another_machine_is_refused()
    {
        Assert.Throws<RecordingRefusedException>(() => Child.Run(_snapshot, _recorded.Configuration with { GuestName = "other" }, "managed", 1));
        Assert.Throws<RecordingRefusedException>(() => Child.Run(_snapshot, _recorded.Configuration with { MemoryBytes = 16UL << 20 }, "managed", 1));
        using var machine = NewMachine();
        Assert.Throws<ArgumentException>(() => MachineRuns.StartRecording(machine, new MemoryEventLog(3), new SerialScheduler(),
            TimeProvider.System, options => options with { From = _snapshot, State = null }));
    }

    [Fact]
    public void Nobody_goes_on_from_between_two_polls()
    {
        _travel.GoToInstruction(new InstructionPoint(0, _snapshot.Cut.Positions[0].Events, 3));
        Assert.Throws<InvalidOperationException>(() => _travel.TakeSnapshot());
    }

    private bool IsFound(ReplaySnapshot bent)
    {
        try
        {
            return Begin(bent).StateAtStart() != _there;
        }
        catch (DeterminismException)
        {
            return true;
        }
    }

    private string Refusal(Cut cut)
    {
        using var machine = NewMachine();
        using ReplaySession session = MachineRuns.StartReplay(machine, _recorded.Log, options => options with { Until = cut });
        Task run = Task.Factory.StartNew(() => machine.Run(session), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(session.WaitForCut());
        string refusal = Assert.Throws<InvalidOperationException>(() => session.TakeSnapshot()).Message;
        session.Cancel();
        Task.WaitAny([run]);
        return refusal;
    }

    private GuestMachine NewMachine() => new(_recorded.Configuration, Recorded.Managed,
        new MachineSurroundings { Time = TimeProvider.System, Entropy = static () => 0 });

    private Child Begin(ReplayStart from) => Child.Run(from, _recorded.Configuration, "managed", 1);

    private ReplaySnapshot Bend(Action<AgentCheckpoint[]>? agents = null, Action<byte[]>? state = null,
        Action<List<(ulong Address, byte[] Content)>>? memory = null)
    {
        var pieces = new List<(ulong, byte[])>();
        byte[] saved = [.. _snapshot.Read((address, content) => pieces.Add((address, content.ToArray())))];
        AgentCheckpoint[] stand = [.. _snapshot.Agents];
        agents?.Invoke(stand);
        state?.Invoke(saved);
        memory?.Invoke(pieces);
        return new ReplaySnapshot(stand, saved, pieces, _snapshot.Origin);
    }
}
