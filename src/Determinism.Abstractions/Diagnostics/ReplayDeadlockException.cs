namespace Determinism;

/// <summary>The constraints of a log cannot all be kept: it is damaged (law L6). The message names the cycle.</summary>
public class ReplayDeadlockException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public ReplayDeadlockException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public ReplayDeadlockException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public ReplayDeadlockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
