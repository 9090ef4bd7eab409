namespace Determinism.Diagnostics;

/// <summary>A frame that two agents took from each other while it was recorded, by the sharing profile.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="First">The agent of the smaller number.</param>
/// <param name="Second">The other one.</param>
/// <param name="Steals">How often either took it from the other.</param>
/// <param name="ByFirst">The instructions by which the first one took it, most frequent first.</param>
/// <param name="BySecond">Those of the second one.</param>
public sealed record SharedFrame(
    ulong Frame, int First, int Second, long Steals, IReadOnlyList<ulong> ByFirst, IReadOnlyList<ulong> BySecond)
{
    /// <summary>Whether no instruction of one agent is among the other's: they may be at different data in one frame. The log
    /// has no addresses of data, so this is a place to look at, not a verdict: a producer and a consumer look the same; and
    /// so, the other way round, two agents that run the same code over neighbouring data do not look like this.</summary>
    public bool IsCandidate => !ByFirst.Intersect(BySecond).Any();

    /// <summary>The frames that went both ways between two agents at least so often, most frequent first.</summary>
    /// <param name="profile">Who took which frame from whom.</param>
    /// <param name="least">How often either must have taken it from the other, both ways together.</param>
    public static IReadOnlyList<SharedFrame> Find(SharingProfile profile, long least) =>
    [
        .. Guard.NotNull(profile).Hottest
            .GroupBy(static pair => (pair.Key.Frame, First: Math.Min(pair.Key.Winner, pair.Key.Loser),
                Second: Math.Max(pair.Key.Winner, pair.Key.Loser)))
            .Select(static group => new SharedFrame(group.Key.Frame, group.Key.First, group.Key.Second,
                group.Sum(static pair => pair.Value), InstructionsOf(group, group.Key.First),
                InstructionsOf(group, group.Key.Second)))
            .Where(frame => frame.Steals >= least && frame is { ByFirst.Count: > 0, BySecond.Count: > 0 })
            .OrderByDescending(static frame => frame.Steals).ThenBy(static frame => frame.Frame),
    ];

    private static IReadOnlyList<ulong> InstructionsOf(IEnumerable<KeyValuePair<Steal, long>> steals, int winner) =>
    [
        .. steals.Where(pair => pair.Key.Winner == winner)
            .GroupBy(static pair => pair.Key.WinnerInstruction, static pair => pair.Value)
            .OrderByDescending(static group => group.Sum()).ThenBy(static group => group.Key)
            .Select(static group => group.Key),
    ];
}
