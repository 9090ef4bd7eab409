namespace Determinism.Kvm;

/// <summary>KVM, or the host behind it, did what this backend cannot go on from; the message says what.</summary>
public class KvmException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public KvmException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">Why.</param>
    public KvmException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">Why.</param>
    /// <param name="innerException">The cause.</param>
    public KvmException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
