namespace Determinism;

/// <summary>A backend or machine that can tell, before anything runs, why a recording of it could not be replayed.</summary>
/// <remarks>The clock's probe belongs here: it executes a known loop and compares the count.</remarks>
public interface IPreflightCheck
{
    /// <summary>The reasons to refuse, each a whole sentence; none if all is well.</summary>
    IReadOnlyList<string> FindObstacles();
}
