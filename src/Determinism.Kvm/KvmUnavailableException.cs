namespace Determinism.Kvm;

/// <summary>This machine has no KVM that the backend can use; the message says why, and what would help.</summary>
public sealed class KvmUnavailableException : KvmException
{
    /// <summary>Creates it without a message.</summary>
    public KvmUnavailableException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">Why.</param>
    public KvmUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">Why.</param>
    /// <param name="innerException">The cause.</param>
    public KvmUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
