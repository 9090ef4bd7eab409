namespace Determinism.Machine;

/// <summary>Is told what a machine's agents do to guest memory and to each other outside of vCPUs' own instructions.</summary>
/// <remarks>Called on the agent's thread while it holds what it names: what two agents do one after the other is told in that
/// order. An observer changes nothing and throws nothing.</remarks>
public interface IMachineObserver
{
    /// <summary>The machine reads or writes guest memory as an agent.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="access">What it touches: reads, or reads and writes.</param>
    /// <param name="releases">Whether whoever reads it may rely on all that the agent did before.</param>
    void Accessed(int agent, MemoryAccess access, bool releases);

    /// <summary>An agent gives something to another: an interrupt, a start, a request.</summary>
    /// <param name="agent">Who gives.</param>
    /// <param name="device">Index of the pseudo-frame that it goes through.</param>
    /// <param name="item">Which of the things that go through there.</param>
    void Sent(int agent, int device, int item);

    /// <summary>An agent takes what others have sent it.</summary>
    /// <param name="agent">Who takes.</param>
    /// <param name="device">Index of the pseudo-frame.</param>
    /// <param name="item">Which of the things.</param>
    void Received(int agent, int device, int item);
}
