namespace Determinism.Conformance.Tests;

/// <summary>Mistakes that show only in whole runs.</summary>
public enum RunFlaw
{
    ReplaysWrongly,
    ReplaysOnce,
    RunsAlike,
    NeedsNoOrder,
    NeverEnds,
}

internal sealed class BrokenRuns(RunFlaw flaw) : RecordReplaySpecification
{
    protected override TimeSpan Patience => Specimens.Patience;

    protected override IRecordedRun Record(int number) => new Run(flaw, flaw == RunFlaw.RunsAlike ? 1 : number);

    private sealed class Run(RunFlaw flaw, int number) : IRecordedRun
    {
        private int _replays;

        public string Outcome => $"run {number}";

        public string Replay(bool withholdConstraints)
        {
            if (withholdConstraints && flaw != RunFlaw.NeedsNoOrder)
                throw new ReplayDivergenceException("Another order.");
            if (flaw == RunFlaw.NeverEnds)
                Hang.Long();
            bool isWrong = flaw == RunFlaw.ReplaysWrongly || (flaw == RunFlaw.ReplaysOnce && ++_replays > 1);
            return isWrong ? "another run" : Outcome;
        }
    }
}
