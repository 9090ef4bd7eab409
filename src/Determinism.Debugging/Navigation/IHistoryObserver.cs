namespace Determinism.Debugging;

/// <summary>Is told each step of a history that goes on.</summary>
public interface IHistoryObserver
{
    /// <summary>A step has been taken; the history stands behind it, and may be read but not moved.</summary>
    /// <param name="step">The step.</param>
    /// <returns>True: stop here.</returns>
    bool Taken(in HistoryStep step);
}
