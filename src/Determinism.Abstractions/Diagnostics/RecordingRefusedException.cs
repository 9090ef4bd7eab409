namespace Determinism;

/// <summary>A recording that could not be replayed was refused before it started; the message has the reasons.</summary>
public class RecordingRefusedException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public RecordingRefusedException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public RecordingRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public RecordingRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
