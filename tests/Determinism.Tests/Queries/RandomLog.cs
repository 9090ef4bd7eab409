using Determinism.Checkpoints;
using Determinism.Log;
using Determinism.Queries;
using Determinism.Tests.Oracle;

namespace Determinism.Tests.Queries;

/// <summary>A small log of events in a random order, with constraints to any that came before, also to others than the latest; and
/// with checkpoints between them.</summary>
internal sealed class RandomLog
{
    public const int Agents = 4;

    // RAM of five frames: two that change hands, one that is promised to be read only, one that is agent 1's own, and one that
    // nobody touches; then the baton.
    public const ulong Shared = 2, Private = 3, Untouched = 4, Baton = 5;

    private readonly List<DecodedEvent>[] _streams = [.. Enumerable.Range(0, Agents).Select(_ => new List<DecodedEvent>())];
    private readonly List<byte[]> _checkpoints = [];
    private readonly LogHeader _header;
    private readonly Random _random;

    public RandomLog(int seed, bool hasCheckpoints)
    {
        _random = new Random(seed);
        _header = new LogHeader
        {
            Shape = new MachineShape { VcpuCount = 3, DeviceAgentCount = 1, MemoryBytes = 5 << 12 },
            Clock = ClockKind.RetiredInstructions,
            Scope = _random.Next(3) == 0 ? OwnershipScope.Machine : OwnershipScope.Frames,
            DigestInterval = 0, Backend = "", Processor = "", Guest = "", InitialState = 0,
            SharedFrames = [new FrameRange(Shared, 1)],
            PrivateFrames = [new OwnedFrames(1, new FrameRange(Private, 1))],
        };
        int events = _random.Next(1, 60);
        for (int number = 0; number < events; number++)
        {
            Add(_random.Next(Agents));
            if (hasCheckpoints && _random.Next(12) == 0)
                _checkpoints.Add(TakeCheckpoint());
        }
    }

    public DecodedEvent[][] Streams => [.. _streams.Select(stream => stream.ToArray())];

    public int Checkpoints => _checkpoints.Count;

    /// <summary>The log as bytes.</summary>
    public MemoryEventLog ToLog() => Write(Streams);

    /// <summary>Other streams with the same checkpoints.</summary>
    public MemoryEventLog Write(DecodedEvent[][] streams)
    {
        var blocks = new MemoryEventLog(Agents);
        blocks.AppendBlock(BlockKind.Header, _header.ToBytes());
        MemoryEventLog log = DecodedLog.Write(streams, blocks, isComplete: false);
        foreach (byte[] checkpoint in _checkpoints)
            log.AppendBlock(BlockKind.Checkpoint, checkpoint);
        log.Complete();
        return log;
    }

    /// <summary>A random instant that is closed under the constraints.</summary>
    public ulong[] DrawInstant()
    {
        var closure = new Closure(Streams);
        var instant = new ulong[Agents];
        for (int pick = _random.Next(3); pick >= 0; pick--)
        {
            int agent = _random.Next(Agents);
            ulong number = (ulong)_random.Next(_streams[agent].Count + 1);
            if (number == 0)
                continue;
            ulong[] past = closure.PastOf(new EventReference(agent, number));
            for (int other = 0; other < Agents; other++)
                instant[other] = Math.Max(instant[other], past[other]);
        }
        return instant;
    }

    /// <summary>What an agent may do with a frame after some of its events: from the definition, over all of them.</summary>
    public AccessRight RightOf(int agent, ulong frame, ulong events)
    {
        AccessRight baton = _header.Scope == OwnershipScope.Frames ? AccessRight.Read : AccessRight.None;
        AccessRight own = frame == Shared ? AccessRight.Read
            : frame == Private && agent == 1 ? AccessRight.ReadWrite
            : AccessRight.None;
        foreach (DecodedEvent one in _streams[agent].Take((int)events))
        {
            if (one.Event.Kind is not (EventKind.Elevation or EventKind.Reduction))
                continue;
            if (one.Event.Frame == Baton)
                baton = one.Event.NewRight;
            else if (one.Event.Frame == frame)
                own = one.Event.NewRight;
        }
        return frame == Baton || baton != AccessRight.Read ? baton : own;
    }

    private void Add(int agent)
    {
        ulong frame = _random.Next(5) switch { 0 => Baton, 1 or 2 => 1UL, _ => 0 };
        AccessRight held = HeldBy(agent, frame);
        AccessRight next;
        do
            next = (AccessRight)_random.Next(3);
        while (next == held);
        var one = new StreamEvent
        {
            Kind = _random.Next(6) == 0 ? EventKind.End : next > held ? EventKind.Elevation : EventKind.Reduction,
            Place = _random.Next(2) == 0 ? PlaceKind.Count : PlaceKind.Exit, Position = (ulong)_streams[agent].Count * 3,
        };
        if (one.Kind != EventKind.End)
            (one.Frame, one.OldRight, one.NewRight) = (frame, held, next);
        _streams[agent].Add(new DecodedEvent(one, one.Kind == EventKind.Elevation ? DrawConstraints(agent) : [], []));
    }

    private OrderingConstraint[] DrawConstraints(int agent)
    {
        var constraints = new List<OrderingConstraint>();
        for (int other = 0; other < Agents; other++)
        {
            int there = _streams[other].Count;
            if (other == agent || there == 0 || _random.Next(3) != 0)
                continue;
            ulong before = _streams[agent].SelectMany(one => one.Constraints).LastOrDefault(one => one.Agent == other).EventNumber;
            ulong number = _random.Next(2) == 0 ? (ulong)there : (ulong)_random.Next(1, there + 1);
            constraints.Add(new OrderingConstraint(other, Math.Max(before, number)));
        }
        return [.. constraints];
    }

    private byte[] TakeCheckpoint()
    {
        var closure = new Closure(Streams);
        AgentCheckpoint[] agents = [.. Enumerable.Range(0, Agents).Select(agent =>
        {
            ulong events = (ulong)_streams[agent].Count;
            ulong[] clock = events == 0 ? new ulong[Agents] : closure.PastOf(new EventReference(agent, events));
            FrameRequest[] rights = [.. ((ulong[])[0, 1, Baton]).Select(frame => new FrameRequest(frame, HeldBy(agent, frame)))
                .Where(held => held.Right != AccessRight.None)];
            var position = new AgentPosition(events, PlaceKind.Exit, events * 3);
            return new AgentCheckpoint(position, default(AgentProgress) with { MixedPlace = PlaceKind.Same }, clock, rights);
        })];
        var buffer = new GrowingBuffer();
        CheckpointWriter.Write(buffer, new CheckpointContent
        {
            Number = _checkpoints.Count + 1, Agents = agents, Memory = [], State = [], StateBytes = 0, FirstContent = 1, StoredPieces = 0,
        });
        return buffer.Written.ToArray();
    }

    private AccessRight HeldBy(int agent, ulong frame) =>
        _streams[agent].FindLast(one => one.Event.Kind != EventKind.End && one.Event.Frame == frame) is { } last ? last.Event.NewRight
        : frame == Baton && _header.Scope == OwnershipScope.Frames ? AccessRight.Read
        : AccessRight.None;
}
