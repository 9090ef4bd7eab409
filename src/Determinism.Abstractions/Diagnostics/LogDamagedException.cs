using System.Globalization;

namespace Determinism;

/// <summary>Bytes of a log cannot be trusted.</summary>
public class LogDamagedException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public LogDamagedException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What is wrong.</param>
    public LogDamagedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The cause.</param>
    public LogDamagedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates it for a place.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="offset">Where: bytes from the start of the file, or of the stream where there is no file.</param>
    public LogDamagedException(string message, long offset)
        : base(string.Format(CultureInfo.InvariantCulture, "{0} (at offset {1})", message, offset)) => Offset = offset;

    /// <summary>Where the damage is: bytes from the start of the file, or of the stream; -1 if it has no place.</summary>
    public long Offset { get; } = -1;
}
