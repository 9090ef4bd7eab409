using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Determinism.Diagnostics;

/// <summary>Shows the sessions of one key to the host: at their start and at their end, never between.</summary>
internal sealed class SessionObserver(string? key, TimeProvider time, SessionMetrics metrics, ILogger logger)
{
    private readonly string _machine = key ?? "default";

    /// <summary>Starts a session and watches it until it ends. Ended, it is known to nobody here.</summary>
    public T Start<T>(SessionKind kind, string guest, Func<T> start)
        where T : ExecutionSession
    {
        Activity? activity = SessionActivity.Start(kind, key, guest, time.GetUtcNow());
        long started = time.GetTimestamp();
        T session;
        try
        {
            session = start();
        }
        catch (Exception error)
        {
            // A wrong argument is between the caller and its programmer.
            bool isRefusal = error is DeterminismException;
            if (isRefusal)
                logger.SessionRefused(error, TagText.Of(kind), guest, _machine, error.Message);
            SessionOutcome outcome = isRefusal ? SessionOutcome.Refused : SessionOutcome.Failed;
            SessionActivity.End(activity, outcome, error, time.GetUtcNow());
            throw;
        }
        activity?.SetTag(DeterminismTelemetry.VcpusTag, session.Shape.VcpuCount);
        metrics.Start(session, kind, key);
        LogStart(kind, guest, session.Shape.VcpuCount);
        session.Ended += ended =>
        {
            metrics.End(ended, kind, key);
            SessionOutcome outcome = Judge(ended);
            SessionActivity.End(activity, outcome, ended.Failure, time.GetUtcNow());
            LogEnd(kind, guest, outcome, ended, time.GetElapsedTime(started));
        };
        return session;
    }

    private static SessionOutcome Judge(ExecutionSession session) => session.Failure switch
    {
        ReplayDivergenceException => SessionOutcome.Diverged,
        not null => SessionOutcome.Failed,
        null => session.IsOver && !session.IsHandedOver ? SessionOutcome.Cancelled : SessionOutcome.Completed,
    };

    private void LogStart(SessionKind kind, string guest, int vcpus)
    {
        switch (kind)
        {
            case SessionKind.Record:
                logger.RecordingStarted(guest, _machine, vcpus);
                break;
            case SessionKind.Replay:
                logger.ReplayStarted(guest, _machine, vcpus);
                break;
            default:
                logger.UnrecordedStarted(guest, _machine, vcpus);
                break;
        }
    }

    private void LogEnd(
        SessionKind kind, string guest, SessionOutcome outcome, ExecutionSession session, TimeSpan duration)
    {
        SessionStatistics statistics = session.Statistics;
        long events = statistics.EventCount;
        string how = TagText.Of(outcome);
        switch (session.Failure, kind)
        {
            case (ReplayDivergenceException divergence, _):
                logger.ReplayDiverged(divergence, guest, _machine, events, duration);
                break;
            case ({ } error, _):
                logger.SessionFailed(error, TagText.Of(kind), guest, _machine, events, duration);
                break;
            case (null, SessionKind.Record):
                logger.RecordingEnded(guest, _machine, how, events, statistics.EventBytes, duration);
                break;
            case (null, SessionKind.Replay):
                logger.ReplayEnded(guest, _machine, how, events, duration);
                break;
            default:
                logger.UnrecordedEnded(guest, _machine, how, duration);
                break;
        }
    }
}
