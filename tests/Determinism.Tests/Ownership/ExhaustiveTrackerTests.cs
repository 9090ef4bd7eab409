using System.Globalization;

namespace Determinism.Tests.Ownership;

/// <summary>Every sequence of steps up to a depth, through the production tracker, on one thread.</summary>
public class ExhaustiveTrackerTests
{
    [Theory]
    [InlineData(Answer.AtOnce, false)]
    [InlineData(Answer.AtOnce, true)]
    [InlineData(Answer.Later, false)]
    [InlineData(Answer.Later, true)]
    [InlineData(Answer.ByParking, false)]
    [InlineData(Answer.ByParking, true)]
    public void Three_agents_and_one_frame(Answer answer, bool announces) =>
        TryAll(3, [0, 1, 2], frames: 1, depth: TestTier.Times(5, 6), answer, announces: announces);

    [Theory]
    [InlineData(Answer.AtOnce, false)]
    [InlineData(Answer.AtOnce, true)]
    [InlineData(Answer.Later, false)]
    [InlineData(Answer.Later, true)]
    [InlineData(Answer.ByParking, false)]
    [InlineData(Answer.ByParking, true)]
    public void Three_agents_and_two_frames(Answer answer, bool announces) =>
        TryAll(3, [0, 1, 2], frames: 2, depth: TestTier.Times(3, 4), answer, announces: announces);

    [Theory]
    [InlineData(Answer.AtOnce, false)]
    [InlineData(Answer.AtOnce, true)]
    [InlineData(Answer.Later, false)]
    [InlineData(Answer.Later, true)]
    [InlineData(Answer.ByParking, false)]
    [InlineData(Answer.ByParking, true)]
    public void Three_agents_of_many_and_one_frame(Answer answer, bool announces) =>
        TryAll(254, [0, 65, 253], frames: 1, depth: TestTier.Times(4, 5), answer, announces: announces);

    [Fact]
    public void Three_agents_and_one_frame_without_reduction_of_constraints() =>
        TryAll(3, [0, 1, 2], frames: 1, depth: TestTier.Times(3, 5), Answer.AtOnce, reduce: false);

    [Theory]
    [InlineData((int)Plant.LoseConstraint)]
    [InlineData((int)Plant.ForgetReaders)]
    [InlineData((int)Plant.ConstraintToEarlierEvent)]
    [InlineData((int)Plant.JoinNewerClock)]
    [InlineData((int)Plant.ReduceNeededConstraint)]
    [InlineData((int)Plant.SkipReduction)]
    [InlineData((int)Plant.ElevateFirst)]
    public void A_planted_bug_is_met_on_the_way(int plant) => Assert.Throws<InvalidOperationException>(
        () => TryAll(3, [0, 1, 2], frames: 2, depth: 4, Answer.AtOnce, plant: (Plant)plant));

    private static void TryAll(int agentCount, int[] agents, int frames, int depth, Answer answer, bool reduce = true,
        Plant plant = Plant.None, bool announces = false)
    {
        Step[] steps = [.. Steps(agents.Length, frames)];
        var sequence = new int[depth];
        long tried = 0;
        do
        {
            var driver = new TrackerDriver(agentCount, agents, frames, answer, reduce, plant, announces);
            try
            {
                foreach (int step in sequence)
                    driver.Do(steps[step]);
                string finding = driver.Judge(reduce);
                if (finding.Length > 0)
                    Assert.Fail(finding);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException(
                    string.Join(", then ", sequence.Select(step => Describe(steps[step]))) + ": " + error.Message, error);
            }
            tried++;
        }
        while (Next(sequence, steps.Length));
        Assert.Equal(Math.Pow(steps.Length, depth), tried);
    }

    private static IEnumerable<Step> Steps(int agents, int frames)
    {
        for (int agent = 0; agent < agents; agent++)
        {
            for (ulong frame = 0; frame < (ulong)frames; frame++)
            {
                yield return new Step(StepKind.Acquire, agent, [new FrameRequest(frame, AccessRight.Read)]);
                yield return new Step(StepKind.Acquire, agent, [new FrameRequest(frame, AccessRight.ReadWrite)]);
            }
            if (frames > 1)
            {
                yield return new Step(StepKind.Acquire, agent,
                    [new FrameRequest(0, AccessRight.Read), new FrameRequest(1, AccessRight.ReadWrite)]);
                yield return new Step(StepKind.Acquire, agent,
                    [new FrameRequest(0, AccessRight.ReadWrite), new FrameRequest(1, AccessRight.ReadWrite)]);
            }
            yield return new Step(StepKind.TogglePark, agent, []);
            yield return new Step(StepKind.DropPins, agent, []);
        }
        // Whoever is asked has answered by then: there is nothing to serve.
        yield return new Step(StepKind.Serve, 0, []);
    }

    private static bool Next(int[] sequence, int steps)
    {
        for (int at = sequence.Length; at-- > 0;)
        {
            if (++sequence[at] < steps)
                return true;
            sequence[at] = 0;
        }
        return false;
    }

    private static string Describe(Step step) => string.Create(CultureInfo.InvariantCulture,
        $"{step.Kind} of {step.Agent} {string.Join(" ", step.Requests)}");
}
