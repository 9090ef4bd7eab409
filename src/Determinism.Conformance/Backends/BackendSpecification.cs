namespace Determinism.Conformance;

/// <summary>What the specifications of backends have in common: how the author's machine is made. Derive a class from each
/// specification of your level.</summary>
public abstract class BackendSpecification : ConformanceSpecification
{
    private readonly List<GuestRun> _runs = [];

    /// <summary>A machine that will do what a program says, at its start, with zeros in its data.</summary>
    /// <param name="program">The program; its addresses lie in the data frames.</param>
    protected abstract IMachineUnderTest Create(ConformanceProgram program);

    /// <summary>Guest-physical address of <see cref="DataFrames"/> frames that programs may use as data: the start of a
    /// frame.</summary>
    protected abstract ulong DataAddress { get; }

    /// <summary>Number of frames of data that programs use.</summary>
    protected const int DataFrames = 8;

    /// <summary>Binary logarithm of the frame size.</summary>
    protected virtual int PageShift => 12;

    /// <summary>Whether a word may lie in two frames.</summary>
    protected virtual bool CanStraddle => true;

    private protected ulong Word(int frame, int index = 0) =>
        DataAddress + ((ulong)frame << PageShift) + (8 * (ulong)index);

    private protected ulong Frame(int frame) => Word(frame) >> PageShift;

    /// <summary>Starts a machine with one right to everything for everybody.</summary>
    private protected GuestRun Start(ConformanceProgram program, AccessRight right)
    {
        IMachineUnderTest machine = Create(program);
        CheckClock(machine.Backend.Capabilities.Clock);
        machine.Backend.SetAllRights(right);
        var run = new GuestRun(machine, PageShift, Frame(0), DataFrames, Patience);
        lock (_runs)
            _runs.Add(run);
        return run;
    }

    /// <summary>Says in words which clocks the facts are not for.</summary>
    private protected virtual void CheckClock(ClockKind clock) => Assert.True(clock != ClockKind.HardwareBranches,
        "The clock HardwareBranches is not supported yet: its count stands still between branches, and a stop is found by its "
        + "count alone. Until then such a backend reports None, and records one vCPU at a time.");

    private protected override void GiveUp()
    {
        lock (_runs)
            _runs.ForEach(run => run.GiveUp());
    }

    private protected GuestRun Start(AccessRight right, params GuestStep[] steps) =>
        Start(ConformanceProgram.Of(steps), right);
}
