namespace Determinism;

/// <summary>A promise about frames was broken: a read-shared frame written, or a private one touched by another agent.</summary>
public class OwnershipViolationException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public OwnershipViolationException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public OwnershipViolationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public OwnershipViolationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
