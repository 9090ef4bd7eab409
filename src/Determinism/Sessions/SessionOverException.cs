namespace Determinism.Sessions;

/// <summary>An agent goes no further because its session is over, or because the log of a recording that was cut short
/// ends here. Not a failure: <see cref="ExecutionSession.Fail"/> passes over it.</summary>
internal sealed class SessionOverException(string message) : OperationCanceledException(message)
{
}
