namespace Determinism;

/// <summary>A log was refused for this machine before its replay started; the message has the reasons.</summary>
public class ReplayRefusedException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public ReplayRefusedException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public ReplayRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public ReplayRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
