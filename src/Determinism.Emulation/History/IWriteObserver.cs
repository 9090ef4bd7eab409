namespace Determinism.Emulation.History;

/// <summary>Is told each write of a replay, whoever makes it.</summary>
internal interface IWriteObserver
{
    /// <summary>Memory is written: by an instruction, which is done; or by the machine, which is about to.</summary>
    /// <param name="agent">As who.</param>
    /// <param name="instruction">The instruction's address; null for the machine.</param>
    /// <param name="access">Where.</param>
    void Written(int agent, ulong? instruction, in MemoryAccess access);
}
