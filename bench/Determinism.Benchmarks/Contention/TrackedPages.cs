using Determinism.Benchmarks.Ownership;
using Determinism.Benchmarks.StandIns;
using Determinism.Ownership;
using Determinism.Tests.Cost;

namespace Determinism.Benchmarks.Contention;

/// <summary>Our tracker, asked like the stand-ins. All agents are at a named point until they ask.</summary>
internal readonly struct TrackedPages : IPages<TrackedPages>
{
    private readonly CrewTracker<CompletingSink> _tracker;

    private TrackedPages(int agents, int frames)
    {
        var order = new CausalOrder(agents);
        _tracker = new CrewTracker<CompletingSink>(agents, (ulong)frames, order, new CompletingSink(order),
            new CrewOptions { Time = TimeProvider.System });
        for (int agent = 0; agent < agents; agent++)
            _tracker.Park(agent);
    }

    public static TrackedPages Create(int agents, int frames) => new(agents, frames);

    public bool Acquire(int agent, ulong frame, AccessRight right) =>
        _tracker.Acquire(agent, [new FrameRequest(frame, right)]) == AcquireOutcome.Granted;
}
