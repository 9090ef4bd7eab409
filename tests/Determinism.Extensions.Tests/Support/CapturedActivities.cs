using System.Collections.Concurrent;
using System.Diagnostics;

namespace Determinism.Extensions.Tests.Support;

/// <summary>Keeps the activities of one guest that have ended.</summary>
internal sealed class CapturedActivities : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public CapturedActivities(string guest)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Determinism",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem("determinism.session.guest"), guest))
                    _ended.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Ended => [.. _ended];

    public void Dispose() => _listener.Dispose();
}
