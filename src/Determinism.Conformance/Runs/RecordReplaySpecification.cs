namespace Determinism.Conformance;

/// <summary>What recording is for: whole runs of a guest with a race, recorded and replayed by the author's own exit loop
/// (laws L3 and L8), with the controls that show that it is the log that does it.</summary>
public abstract class RecordReplaySpecification : ConformanceSpecification
{
    /// <summary>Records a run of a guest whose vCPUs race for memory and take what arrives asynchronously.</summary>
    /// <param name="number">The run's number, from 1.</param>
    protected abstract IRecordedRun Record(int number);

    /// <summary>How long one recording or replay may take.</summary>
    protected override TimeSpan Patience => TimeSpan.FromMinutes(1);

    /// <summary>How many runs are recorded for each fact, at least 2. The controls, which wait for a difference, end with the
    /// first, and give up after ten times as many.</summary>
    protected virtual int Recordings => 5;

    /// <summary>Every replay is exact.</summary>
    [Fact]
    public void Every_recording_replays_to_the_same_end() => Within(() =>
    {
        for (int number = 1; number <= Recordings; number++)
        {
            IRecordedRun run = Record(number);
            Assert.Equal(run.Outcome, run.Replay(withholdConstraints: false));
        }
    });

    /// <summary>A log is not used up.</summary>
    [Fact]
    public void A_recording_replays_as_often_as_wanted() => Within(() =>
    {
        IRecordedRun run = Record(1);
        for (int replay = 0; replay < Recordings; replay++)
            Assert.Equal(run.Outcome, run.Replay(withholdConstraints: false));
    });

    /// <summary>The control: a guest whose runs are all alike would replay without any log.</summary>
    [Fact]
    public void Runs_differ_from_each_other() => Within(() => Assert.True(
        Enumerable.Range(2, MostRecordings - 1).Any(Differs(Record(1).Outcome)),
        $"{MostRecordings} runs came to one end: the guest does not race."));

    /// <summary>The other control: inputs and interrupts alone do not make the run.</summary>
    [Fact]
    public void Without_the_recorded_order_a_replay_differs() => Within(() => Assert.True(
        Enumerable.Range(1, MostRecordings).Any(number => DiffersWithoutOrder(Record(number))),
        "The order of accesses is in the log, and makes no difference."));

    private int MostRecordings => 10 * Recordings;

    private Func<int, bool> Differs(string first) => number => Record(number).Outcome != first;

    private static bool DiffersWithoutOrder(IRecordedRun run)
    {
        try
        {
            return run.Replay(withholdConstraints: true) != run.Outcome;
        }
        catch (DeterminismException)
        {
            return true;
        }
    }
}
