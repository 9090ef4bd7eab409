namespace Determinism.Conformance;

/// <summary>Agents on threads that touch a few frames at random, with a shadow of what they touched.</summary>
internal sealed class TrackerStress(TrackerUnderTest it, int agents, int rounds, ulong seed)
{
    private const int Frames = 4;
    private const int RoundsBetweenMeetings = 20;

    private readonly Meeting _meeting = new(agents);

    private readonly long[] _versions = new long[Frames];
    private readonly int[] _insiders = new int[Frames];
    private readonly List<Access>[] _accesses = [.. Enumerable.Range(0, agents).Select(_ => new List<Access>())];
    private readonly List<string> _collisions = [];

    private readonly record struct Access(int Agent, ulong AfterEvent, int Frame, long Version, bool IsWrite);

    /// <summary>Accesses that met others inside a frame: exclusion (law L1) did not hold.</summary>
    public IReadOnlyList<string> Collisions => _collisions;

    public Task[] Start() =>
        [.. Enumerable.Range(0, agents).Select(agent => Aside.Run(() => RunAgent(agent, new SeededRandom(seed + (ulong)agent))))];

    /// <summary>Lets go everybody who waits.</summary>
    public void Abort()
    {
        _meeting.Abort();
        it.Tracker.Abort();
    }

    /// <summary>Conflicting accesses that the constraints leave unordered (law L2).</summary>
    public IEnumerable<string> FindUnordered()
    {
        for (int frame = 0; frame < Frames; frame++)
        {
            List<Access> here = [.. _accesses.SelectMany(list => list).Where(access => access.Frame == frame)];
            Dictionary<long, Access> writes = here.Where(access => access.IsWrite).GroupBy(access => access.Version)
                .ToDictionary(group => group.Key, group => group.First());
            foreach (Access access in here)
            {
                long before = access.IsWrite ? access.Version - 1 : access.Version;
                if (writes.TryGetValue(before, out Access earlier) && !IsOrdered(earlier, access))
                    yield return $"{access} is not ordered after {earlier}";
                if (!access.IsWrite && writes.TryGetValue(access.Version + 1, out Access later) && !IsOrdered(access, later))
                    yield return $"{later} is not ordered after {access}";
            }
        }
    }

    private bool IsOrdered(Access first, Access second) =>
        it.Journal.IsOrdered(first.Agent, first.AfterEvent, second.Agent, second.AfterEvent);

    private void RunAgent(int agent, SeededRandom random)
    {
        IPageOwnershipTracker tracker = it.Tracker;
        for (int round = 0; round < rounds; round++)
        {
            FrameRequest[] requests = [.. Enumerable.Range(0, Frames).Where(_ => random.OneIn(2)).Select(
                frame => new FrameRequest((ulong)frame, random.OneIn(2) ? AccessRight.ReadWrite : AccessRight.Read))];
            if (tracker.Acquire(agent, requests) == AcquireOutcome.Aborted)
                return;
            foreach (FrameRequest request in requests)
                Touch(agent, request, random);
            tracker.DropPins(agent);
            if (tracker.IsAsked(agent))
                tracker.Serve(agent);
            bool meets = (round + 1) % RoundsBetweenMeetings == 0;
            if (meets || random.OneIn(8))
            {
                tracker.Park(agent);
                if (meets)
                    _meeting.Come(agent, round);
                else
                    Thread.Yield();
                tracker.Unpark(agent);
                if (tracker.IsAsked(agent))
                    tracker.Serve(agent);
            }
        }
        tracker.End(agent);
        _meeting.Leave(agent);
    }

    private void Touch(int agent, FrameRequest request, SeededRandom random)
    {
        int frame = (int)request.Frame;
        bool isWrite = request.Right == AccessRight.ReadWrite;
        // A right that is missing is seen even where no other agent comes just then.
        if (it.Tracker.GetRight(agent, request.Frame) < request.Right)
            Collide($"Agent {agent} was let into frame {frame} without the right that it asked for.");
        // A writer counts for a thousand readers.
        int weight = isWrite ? 1000 : 1;
        int inside = Interlocked.Add(ref _insiders[frame], weight);
        if (isWrite ? inside != weight : inside >= 1000)
            Collide($"Agent {agent} met others in frame {frame} ({(isWrite ? "writing" : "reading")}).");
        if (random.OneIn(4))
            Thread.Yield();
        long version = isWrite ? ++_versions[frame] : Volatile.Read(ref _versions[frame]);
        Interlocked.Add(ref _insiders[frame], -weight);
        _accesses[agent].Add(new Access(agent, it.Journal.EventCount(agent), frame, version, isWrite));
    }

    private void Collide(string what)
    {
        lock (_collisions)
            _collisions.Add(what);
    }
}
