using Determinism.Ownership;
using Determinism.Tests.Oracle;

namespace Determinism.Tests.Ownership;

/// <summary>One step of a sequence.</summary>
internal readonly record struct Step(StepKind Kind, int Agent, FrameRequest[] Requests);

internal enum StepKind
{
    Acquire,
    TogglePark,
    DropPins,
    Serve,
}

/// <summary>Drives the production tracker through a sequence on one thread, beside a naive model of the rights.</summary>
/// <remarks>Time stands still and is asked for each time a request is blocked: that is when the others act.</remarks>
internal sealed class TrackerDriver
{
    private readonly CrewTracker<ObservingSink> _tracker;
    private readonly TrackerObserver _observer;
    private readonly int[] _agents;
    private readonly int _frames;
    private readonly AccessRight[,] _model;
    private readonly bool[] _isParked;
    private readonly Stack<int> _pending = new();
    private readonly Answer _answer;
    private readonly bool _announces;

    public TrackerDriver(int agentCount, int[] agents, int frames, Answer answer, bool reduce = true,
        Plant plant = Plant.None, bool announces = false)
    {
        _announces = announces;
        var order = new CausalOrder(agentCount, reduce) { Plant = plant };
        _observer = new TrackerObserver(agentCount, order) { Kicked = OnKicked };
        _tracker = new CrewTracker<ObservingSink>(agentCount, (ulong)frames, order, new ObservingSink(_observer), new CrewOptions
        {
            // Shorter than any sleep: a blocked request looks again at once.
            AnswerTimeout = TimeSpan.FromTicks(9_000), Time = new StandingTime(AnswerPending),
        })
        {
            Plant = plant,
        };
        _agents = agents;
        _frames = frames;
        _answer = answer;
        _model = new AccessRight[agents.Length, frames];
        _isParked = new bool[agents.Length];
    }

    public void Do(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Acquire:
                Acquire(step.Agent, step.Requests);
                break;
            case StepKind.TogglePark:
                _isParked[step.Agent] = !_isParked[step.Agent];
                if (_isParked[step.Agent])
                    ParkAtRest(step.Agent);
                else
                    Unpark(step.Agent);
                break;
            case StepKind.DropPins:
                _tracker.DropPins(_agents[step.Agent]);
                break;
            default:
                Assert.Equal(0, _tracker.Serve(_agents[step.Agent]));
                break;
        }
        Compare();
    }

    /// <summary>Laws L1, L2, L4 and L6 over the whole sequence.</summary>
    public string Judge(bool isReduced = true)
    {
        if (_observer.Violation.Length > 0)
            return _observer.Violation;
        DecodedEvent[][] streams = _observer.Streams;
        var order = new HappensBefore(streams);
        if (order.Cycle.Length > 0)
            return order.Cycle;
        string unordered = ConflictOracle.FindUnordered(_observer.Accesses, streams, order);
        return unordered.Length > 0 || !isReduced ? unordered : string.Join("; ", order.FindImplied());
    }

    private void Acquire(int agent, FrameRequest[] requests)
    {
        // Who acts is not parked.
        if (_isParked[agent])
            Unpark(agent);
        _isParked[agent] = false;
        bool isRaised = Array.Exists(requests, request => _model[agent, request.Frame] < request.Right);
        foreach (FrameRequest request in requests)
            Grant(agent, request);
        if (_announces)
            _tracker.Announce(_agents[agent], requests);
        AcquireOutcome outcome = _tracker.Acquire(_agents[agent], requests);
        Assert.Equal(isRaised ? AcquireOutcome.Granted : AcquireOutcome.AlreadyHeld, outcome);
        foreach (FrameRequest request in requests)
            _observer.Access(_agents[agent], request.Frame, request.Right);
    }

    private void Grant(int agent, FrameRequest request)
    {
        if (_model[agent, request.Frame] >= request.Right)
            return;
        AccessRight left = request.Right == AccessRight.ReadWrite ? AccessRight.None : AccessRight.Read;
        for (int other = 0; other < _agents.Length; other++)
        {
            if (other != agent && _model[other, request.Frame] > left)
                _model[other, request.Frame] = left;
        }
        _model[agent, request.Frame] = request.Right;
    }

    private void Compare()
    {
        for (int agent = 0; agent < _agents.Length; agent++)
        {
            for (ulong frame = 0; frame < (ulong)_frames; frame++)
            {
                AccessRight expected = _model[agent, frame];
                Assert.Equal(expected, _tracker.GetRight(_agents[agent], frame));
                Assert.Equal(expected, _observer.Applied(_agents[agent], frame));
            }
        }
    }

    private void OnKicked(int number)
    {
        int agent = Array.IndexOf(_agents, number);
        if (_answer == Answer.AtOnce)
            AnswerOne(agent);
        else
            _pending.Push(agent);
    }

    private void AnswerPending()
    {
        while (_pending.TryPop(out int agent))
            AnswerOne(agent);
    }

    private void AnswerOne(int agent)
    {
        // Its instruction has retired, and it stands at a point.
        _tracker.DropPins(_agents[agent]);
        if (_answer == Answer.ByParking)
        {
            _isParked[agent] = true;
            _tracker.Park(_agents[agent]);
            return;
        }
        Assert.True(_tracker.Serve(_agents[agent]) > 0, "Asked for nothing.");
    }

    /// <summary>Whoever goes Running looks at its requests.</summary>
    private void Unpark(int agent)
    {
        _tracker.Unpark(_agents[agent]);
        if (_tracker.IsAsked(_agents[agent]))
            _tracker.Serve(_agents[agent]);
    }

    private void ParkAtRest(int agent)
    {
        _tracker.DropPins(_agents[agent]);
        _tracker.Park(_agents[agent]);
    }

    private sealed class StandingTime(Action asked) : TimeProvider
    {
        public override long GetTimestamp()
        {
            asked();
            return 0;
        }
    }
}
