namespace Determinism;

/// <summary>An agent has come to the end of a log that breaks off; there is no more to replay for it.</summary>
public class EndOfLogException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public EndOfLogException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public EndOfLogException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public EndOfLogException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
