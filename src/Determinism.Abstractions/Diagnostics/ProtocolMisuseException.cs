namespace Determinism;

/// <summary>An adapter called the session as no exit loop may: a bug of the adapter, found before it spoils a log.</summary>
public class ProtocolMisuseException : DeterminismException
{
    /// <summary>Creates it without a message.</summary>
    public ProtocolMisuseException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public ProtocolMisuseException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public ProtocolMisuseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="misuse">What kind of mistake.</param>
    /// <param name="agent">The agent that was called.</param>
    /// <param name="message">What happened.</param>
    public ProtocolMisuseException(ProtocolMisuse misuse, int agent, string message)
        : base(message)
    {
        Misuse = misuse;
        Agent = agent;
    }

    /// <summary>What kind of mistake it is.</summary>
    public ProtocolMisuse Misuse { get; } = ProtocolMisuse.WrongOrder;

    /// <summary>The agent that was called; -1 if it is not known.</summary>
    public int Agent { get; } = -1;
}
