namespace Determinism.Log;

/// <summary>What a storage (<see cref="ILogStorage"/>) can do beside if a log's oldest part may be dropped from it.</summary>
/// <remarks>Used by the thread that writes the log. Failures are <see cref="IOException"/>s.</remarks>
public interface ILogFileRemoval
{
    /// <summary>Takes a file away. Whoever has it open may go on reading it. After a loss of power it may be there again, unless
    /// names were synced since (<see cref="ILogStorage.SyncNames"/>).</summary>
    /// <param name="name">Its name; no error if there is none.</param>
    void Remove(string name);
}
