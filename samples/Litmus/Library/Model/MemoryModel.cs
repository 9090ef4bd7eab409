namespace Determinism.Litmus;

/// <summary>What order the accesses of a thread have for the others.</summary>
public enum MemoryModel
{
    /// <summary>Sequential consistency: some interleaving of the threads' accesses in program order.</summary>
    SequentialConsistency,

    /// <summary>x86-TSO: a store waits in a buffer of its thread, in order, and the thread itself sees it there.</summary>
    TotalStoreOrder,
}
