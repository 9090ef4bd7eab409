using Determinism.Log;
using Determinism.Ownership;
using Determinism.Recording;
using Determinism.Scheduling;
using Determinism.Tests.Logs;
using Determinism.Tests.Ownership;

namespace Determinism.Tests.Cost;

/// <summary>Law L10: what involves no other agent allocates nothing.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Warmth = Allocation.Warmth;
    private const int Measured = Allocation.Measured;
    private const ulong PageBytes = 4096;

    private static readonly Func<ulong> s_number = () => 5;
    private static readonly InputSource s_bytes = destination =>
    {
        destination.Clear();
        return destination.Length;
    };

    private readonly QuietBackend _backend = new();
    private readonly MemoryEventLog _log = new(3);
    private readonly RecordingSession _session;
    private readonly AgentSession _agent;

    public AllocationTests()
    {
        _session = RecordingSession.Start(_backend,
            new MachineShape { VcpuCount = 2, DeviceAgentCount = 1, MemoryBytes = 1 << 23, PseudoFrameCount = 4 }, _log,
            new RecordingOptions
            {
                Scheduler = new ParallelScheduler(), Time = TimeProvider.System, Guest = "", InitialState = 0,
            });
        _agent = _session.Agent(0);
    }

    public void Dispose()
    {
        _session.Dispose();
        _log.Dispose();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(200)]
    public void A_first_touch_and_an_upgrade_on_a_leaf_that_is_there(int agents)
    {
        var tracker = new CrewTracker<IdleSink>(agents, 1024, new CausalOrder(agents), default,
            new CrewOptions { Time = TimeProvider.System });
        Allocation.MustNotHappen(index =>
        {
            var frame = (ulong)index;
            ReadOnlySpan<FrameRequest> read = [new FrameRequest(frame, AccessRight.Read)];
            ReadOnlySpan<FrameRequest> write = [new FrameRequest(frame, AccessRight.ReadWrite)];
            tracker.Acquire(0, read);
            tracker.Acquire(0, write);
            tracker.Acquire(0, write);
        });
        Assert.Equal(AccessRight.ReadWrite, tracker.GetRight(0, Warmth + Measured - 1));
    }

    [Fact]
    public void Asking_for_a_right_and_whether_anybody_waits()
    {
        int found = 0;
        Allocation.MustNotHappen(index => found += (int)_session.Tracker.GetRight(0, (ulong)index) + (_session.Tracker.IsAsked(0) ? 1 : 0));
        Assert.Equal(0, found);
    }

    [Fact]
    public void A_fault_that_involves_no_other_agent() => Allocation.MustNotHappen(index =>
    {
        ReadOnlySpan<MemoryAccess> accesses =
        [
            new MemoryAccess((ulong)index * PageBytes, 8, AccessRight.Read),
            new MemoryAccess(((ulong)index * PageBytes) + (PageBytes * 1024), 8, AccessRight.ReadWrite),
        ];
        Step(ExitKind.Fault);
        _agent.Fault(accesses);
        _agent.Asynchronous(false, 0, out _);
    });

    [Fact]
    public void A_stale_fault()
    {
        MemoryAccess[] accesses = [new MemoryAccess(0, 8, AccessRight.ReadWrite)];
        Step(ExitKind.Fault);
        _agent.Fault(accesses);
        Allocation.MustNotHappen(_ =>
        {
            Step(ExitKind.Fault);
            _agent.Fault(accesses);
        });
        Assert.Equal(1, _session.Statistics.Events[EventKind.Elevation]);
    }

    [Fact]
    public void Inputs_outputs_and_asynchronous_events()
    {
        var buffer = new byte[16];
        Allocation.MustNotHappen(_ =>
        {
            Step(ExitKind.Synchronous);
            _agent.Input(1, s_number);
            _agent.Input(2, buffer, s_bytes);
            _agent.Output(3, buffer);
            _agent.Asynchronous(true, 4, out ulong _);
        });
    }

    [Fact]
    public void Digests()
    {
        long before = 0;
        Allocation.MustNotHappen(index =>
        {
            // One digest every sixty-four events.
            for (int events = 0; events < 3; events++)
            {
                Step(ExitKind.Synchronous);
                _agent.Input(1, s_number);
            }
            if (index == 0)
                before = _session.Agents[0].Counts[(int)EventKind.Digest];
        });
        Assert.True(_session.Statistics.Events[EventKind.Digest] > before + 5);
    }

    [Fact]
    public void Reductions_with_the_frames_content() =>
        Allocation.MustNotHappen(index =>
        {
            _session.Agents[0].Reduced((ulong)index, AccessRight.ReadWrite, AccessRight.Read);
            _session.Agents[0].Reduced((ulong)index, AccessRight.Read, AccessRight.None);
        });

    [Fact]
    public void A_devices_operations_and_spans()
    {
        AgentSession device = _session.Agent(2);
        var accesses = new MemoryAccess[1];
        var bytes = new byte[8];
        Allocation.MustNotHappen(index =>
        {
            device.BeginOperation();
            accesses[0] = new MemoryAccess((ulong)index * PageBytes, 8, AccessRight.ReadWrite);
            using MemorySpan span = device.Open(accesses);
            span.Read(accesses[0].Address, bytes);
            span.Write(accesses[0].Address, bytes);
        });
    }

    [Fact]
    public void Decoding()
    {
        var encoder = new EventEncoder(4);
        var stream = new byte[64 * (Warmth + Measured)];
        int length = 0;
        for (int index = 0; index < Warmth + Measured; index++)
        {
            var one = new StreamEvent { Kind = (EventKind)(1 + (index % 6)), Position = (ulong)index, NewRight = AccessRight.Read };
            ReadOnlySpan<OrderingConstraint> constraints = one.Kind == EventKind.Elevation
                ? [new OrderingConstraint(1, (ulong)index), new OrderingConstraint(2, 3)]
                : [];
            Assert.True(encoder.TryWrite(stream.AsSpan(length), one, constraints, default, out int written));
            length += written;
        }
        var decoder = new EventDecoder(4);
        int at = 0;
        Allocation.MustNotHappen(_ =>
        {
            ReadStatus status = decoder.TryRead(stream.AsSpan(at), out StreamEvent _, out ReadOnlySpan<byte> _, out int consumed);
            at += status == ReadStatus.Read ? consumed : stream.Length;
        });
        Assert.Equal(length, at);
    }

    [Fact]
    public void Scanning_block_after_block_of_a_file()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("log");
        var encoder = new EventEncoder(1);
        var bytes = new byte[64];
        using (var log = new FileEventLog(path, 1))
        {
            for (int index = 0; index < Warmth + Measured; index++)
            {
                // A longer block than any before needs more room: all states are of one length.
                var one = new StreamEvent { Kind = EventKind.Reduction, Position = 1_000UL + (ulong)index };
                Assert.True(encoder.TryWrite(bytes, one, default, default, out int written));
                log.Append(0, bytes.AsSpan(0, written));
                // Ends the block of events, without a sync.
                log.AppendBlock(BlockKind.GuestImage, default);
            }
            log.Complete();
        }
        using var reader = new FileEventLogReader(path);
        Assert.Equal(Warmth + Measured, reader.ReadBlocks().Count(block => block.Kind == BlockKind.Events));
        EventCursor cursor = reader.OpenStream(0);
        Allocation.MustNotHappen(_ =>
        {
            if (cursor.MoveToNext())
                cursor.Consume();
        });
        Assert.Equal((ulong)(Warmth + Measured), cursor.Consumed);
    }

    private void Step(ExitKind kind)
    {
        _agent.TryEnter(out _);
        _backend.Count++;
        _agent.Exited(kind);
    }
}
