namespace Determinism.Ownership;

/// <summary>Whether it is worth while to look for an answer before sleeping, by how it went before.</summary>
internal struct Looks
{
    private const int Most = 8;
    private const int WaitsBetweenTrials = 32;

    private int _luck;
    private int _waits;

    /// <summary>Whether to look this time: when it mostly paid, and now and then to see whether it would.</summary>
    public bool IsWorthwhile => _luck > 0 || ++_waits % WaitsBetweenTrials == 1;

    /// <summary>A look has paid or not.</summary>
    public void Count(bool hasPaid) => _luck = hasPaid ? Math.Min(_luck + 2, Most) : Math.Max(_luck - 1, 0);
}
