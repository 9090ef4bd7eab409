namespace Determinism;

/// <summary>The root of the SDK's own errors.</summary>
public class DeterminismException : Exception
{
    /// <summary>Creates it without a message.</summary>
    public DeterminismException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public DeterminismException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public DeterminismException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
