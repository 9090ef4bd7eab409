namespace Determinism;

/// <summary>A log cannot be written any more. All that was acknowledged as durable is; nothing more will be.</summary>
public class LogWriteException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public LogWriteException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What went wrong.</param>
    public LogWriteException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public LogWriteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
