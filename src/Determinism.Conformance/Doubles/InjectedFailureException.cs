namespace Determinism.Conformance;

/// <summary>A failure that a flaky double made up.</summary>
public class InjectedFailureException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public InjectedFailureException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">Which call failed.</param>
    public InjectedFailureException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">Which call failed.</param>
    /// <param name="innerException">The cause.</param>
    public InjectedFailureException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
