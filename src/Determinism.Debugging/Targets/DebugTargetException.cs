namespace Determinism.Debugging;

/// <summary>A target cannot or will not do what the debugger asked; the message is for the person who debugs.</summary>
public class DebugTargetException : Exception
{
    /// <summary>Creates it without a message.</summary>
    public DebugTargetException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">Why.</param>
    public DebugTargetException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">Why.</param>
    /// <param name="innerException">The cause.</param>
    public DebugTargetException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
