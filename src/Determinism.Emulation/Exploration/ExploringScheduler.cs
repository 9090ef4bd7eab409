using Determinism.Machine;
using Determinism.Scheduling;

namespace Determinism.Emulation.Exploration;

/// <summary>Lets one vCPU go on at a time, an instruction an entry, and asks a tree whose turn it is whenever all stand before
/// shared accesses.</summary>
/// <remarks>A turn is one shared access and all that the vCPU does by itself until its next. Before its first it has a turn for
/// what comes before. vCPUs that wait are parked, so whoever runs gets every frame.</remarks>
internal sealed class ExploringScheduler(StepReader reader, ScheduleTree tree, int vcpuCount) : RecordingScheduler
{
    // A program that computes for longer is none for this; one that loops for ever has to be told.
    private const int MostLocalSteps = 100_000;

    private readonly Lock _gate = new();
    private readonly Seat[] _seats = NewSeats(vcpuCount);
    private bool _isOver;

    private enum Phase
    {
        Absent,
        Coming,
        Waiting,
        Running,
        Ended,
    }

    /// <inheritdoc />
    public override OwnershipScope Scope => OwnershipScope.Frames;

    /// <inheritdoc />
    public override SharingPolicy Sharing => SharingPolicy.AtOnce;

    /// <inheritdoc />
    public override bool MayDelay => true;

    /// <summary>Ends the session when the tree wants no more of this run.</summary>
    public Action? GiveUp { get; set; }

    /// <inheritdoc />
    public override RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt)
    {
        Seat seat = _seats[agent];
        var one = new RunSlice(Math.Min(stopAt, now.Count + 1));
        bool isGivenUp;
        lock (_gate)
        {
            // Back from a fault: the access is still to be made.
            if (_isOver || (seat.Phase == Phase.Running && seat.AccessAt == now.Count))
                return one;
            NextStep step = reader.Read(agent);
            if (seat.Phase == Phase.Running && step.IsLocal)
            {
                if (++seat.LocalSteps > MostLocalSteps)
                    throw new GuestErrorException($"vCPU {agent} at {now} does not come to its next shared access or its end.");
                Expect(step);
                return one;
            }
            seat.Step = step;
            seat.Phase = Phase.Waiting;
            isGivenUp = !TryPass();
        }
        // Out of the lock: it comes back to us.
        if (isGivenUp)
            GiveUp?.Invoke();
        seat.Turn.Wait();
        lock (_gate)
        {
            seat.AccessAt = seat.Step!.IsLocal ? null : now.Count;
            seat.LocalSteps = 0;
            Expect(seat.Step);
        }
        return one;
    }

    /// <inheritdoc />
    public override void End(int agent)
    {
        if (agent >= _seats.Length)
            return;
        bool isGivenUp;
        lock (_gate)
        {
            _seats[agent].Phase = Phase.Ended;
            isGivenUp = !TryPass();
        }
        if (isGivenUp)
            GiveUp?.Invoke();
    }

    /// <inheritdoc />
    public override void Abort()
    {
        lock (_gate)
        {
            _isOver = true;
            foreach (Seat seat in _seats)
                seat.Turn.Release();
        }
    }

    private static Seat[] NewSeats(int count)
    {
        var seats = new Seat[count];
        for (int vcpu = 0; vcpu < count; vcpu++)
            seats[vcpu] = new Seat { Phase = vcpu == 0 ? Phase.Coming : Phase.Absent };
        return seats;
    }

    private void Expect(NextStep step)
    {
        if (step.Starts > 0 && step.Starts < _seats.Length && _seats[step.Starts].Phase == Phase.Absent)
            _seats[step.Starts].Phase = Phase.Coming;
    }

    /// <summary>Gives the turn to somebody, if everybody is where that can be decided.</summary>
    /// <returns>False: the run is to be given up.</returns>
    private bool TryPass()
    {
        if (_isOver || Array.Exists(_seats, seat => seat.Phase is Phase.Coming or Phase.Running))
            return true;
        int next = Array.FindIndex(_seats, seat => seat.Phase == Phase.Waiting && seat.Step!.IsLocal);
        if (next < 0)
        {
            if (!Array.Exists(_seats, seat => seat.Phase == Phase.Waiting))
                return true;
            next = tree.Choose([.. _seats.Select(seat => seat.Phase == Phase.Waiting ? seat.Step : null)]);
        }
        if (next < 0)
            return false;
        _seats[next].Phase = Phase.Running;
        _seats[next].Turn.Release();
        return true;
    }

    private sealed class Seat
    {
        public Phase Phase { get; set; }

        public NextStep? Step { get; set; }

        /// <summary>Instructions of its turn that were its own business.</summary>
        public int LocalSteps { get; set; }

        /// <summary>The count at which its access is made.</summary>
        public ulong? AccessAt { get; set; }

        public SemaphoreSlim Turn { get; } = new(0);
    }
}
