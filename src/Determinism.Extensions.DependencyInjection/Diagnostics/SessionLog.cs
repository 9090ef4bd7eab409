using Microsoft.Extensions.Logging;

namespace Determinism.Diagnostics;

/// <summary>The records of the host's log. A machine is named by its key.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(1, LogLevel.Information, "Recording of {Guest} on machine {Machine} started: {Vcpus} vCPUs.")]
    public static partial void RecordingStarted(this ILogger logger, string guest, string machine, int vcpus);

    [LoggerMessage(2, LogLevel.Information,
        "Recording of {Guest} on machine {Machine} {Outcome}: {Events} events, {Bytes} bytes in {Duration}.")]
    public static partial void RecordingEnded(this ILogger logger, string guest, string machine, string outcome,
        long events, long bytes, TimeSpan duration);

    [LoggerMessage(3, LogLevel.Information, "Replay of {Guest} on machine {Machine} started: {Vcpus} vCPUs.")]
    public static partial void ReplayStarted(this ILogger logger, string guest, string machine, int vcpus);

    [LoggerMessage(4, LogLevel.Information,
        "Replay of {Guest} on machine {Machine} {Outcome}: {Events} events in {Duration}.")]
    public static partial void ReplayEnded(this ILogger logger, string guest, string machine, string outcome,
        long events, TimeSpan duration);

    [LoggerMessage(5, LogLevel.Information, "Unrecorded run of {Guest} on machine {Machine} started: {Vcpus} vCPUs.")]
    public static partial void UnrecordedStarted(this ILogger logger, string guest, string machine, int vcpus);

    [LoggerMessage(6, LogLevel.Information, "Unrecorded run of {Guest} on machine {Machine} {Outcome} after {Duration}.")]
    public static partial void UnrecordedEnded(this ILogger logger, string guest, string machine, string outcome,
        TimeSpan duration);

    [LoggerMessage(7, LogLevel.Warning, "Session ({Kind}) of {Guest} on machine {Machine} refused: {Reason}")]
    public static partial void SessionRefused(this ILogger logger, Exception error, string kind, string guest,
        string machine, string reason);

    [LoggerMessage(8, LogLevel.Error,
        "Session ({Kind}) of {Guest} on machine {Machine} failed after {Events} events, {Duration}.")]
    public static partial void SessionFailed(this ILogger logger, Exception error, string kind, string guest,
        string machine, long events, TimeSpan duration);

    [LoggerMessage(9, LogLevel.Error,
        "Replay of {Guest} on machine {Machine} diverged after {Events} events, {Duration}.")]
    public static partial void ReplayDiverged(this ILogger logger, Exception error, string guest, string machine,
        long events, TimeSpan duration);
}
