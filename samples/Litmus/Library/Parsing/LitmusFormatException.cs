namespace Determinism.Litmus;

/// <summary>A litmus test cannot be read, or uses what is not supported; the message says what, and where.</summary>
public sealed class LitmusFormatException : Exception
{
    /// <summary>Creates it without a message.</summary>
    public LitmusFormatException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What is wrong, and where.</param>
    public LitmusFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What is wrong, and where.</param>
    /// <param name="innerException">The cause.</param>
    public LitmusFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
