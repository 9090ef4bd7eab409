using System.Diagnostics;

namespace Determinism.Diagnostics;

/// <summary>The activity of a session, from before its start is tried to its end.</summary>
internal static class SessionActivity
{
    private static readonly ActivitySource s_source = new(DeterminismTelemetry.Name);

    /// <summary>Starts it as a child of the caller's activity, which stays the current one: a session outlives the call
    /// that starts it.</summary>
    public static Activity? Start(SessionKind kind, string? key, string guest, DateTimeOffset now)
    {
        if (!s_source.HasListeners())
            return null;
        Activity? current = Activity.Current;
        var tags = new ActivityTagsCollection
        {
            { DeterminismTelemetry.KindTag, TagText.Of(kind) },
            { DeterminismTelemetry.GuestTag, guest },
        };
        if (key is not null)
            tags.Add(DeterminismTelemetry.KeyTag, key);
        Activity? activity = s_source.StartActivity(
            ActivityKind.Internal, tags: tags, startTime: now, name: "determinism." + TagText.Of(kind));
        Activity.Current = current;
        return activity;
    }

    /// <summary>Ends it. The activity of the thread that does so stays the current one.</summary>
    public static void End(Activity? activity, SessionOutcome outcome, Exception? error, DateTimeOffset now)
    {
        if (activity is null)
            return;
        activity.SetTag(DeterminismTelemetry.OutcomeTag, TagText.Of(outcome));
        if (error is not null)
            activity.SetStatus(ActivityStatusCode.Error, error.Message).AddException(error, timestamp: now);
        activity.SetEndTime(now.UtcDateTime);
        Activity? current = Activity.Current;
        activity.Stop();
        Activity.Current = current;
    }
}
