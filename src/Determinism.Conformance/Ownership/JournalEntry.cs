namespace Determinism.Conformance;

/// <summary>What a tracker did.</summary>
public enum JournalEntryKind
{
    /// <summary>A right was made effective.</summary>
    Applied = 0,

    /// <summary>A right fell.</summary>
    Reduced = 1,

    /// <summary>A right rose.</summary>
    Elevated = 2,

    /// <summary>An agent was asked to leave the guest.</summary>
    Kicked = 3,

    /// <summary>A steal was told.</summary>
    Stolen = 4,
}

/// <summary>One call of a tracker to its sink.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Agent">The agent that it is about; of a steal, the winner.</param>
/// <param name="Frame">The frame; 0 for a kick.</param>
/// <param name="Right">The right from now on.</param>
/// <param name="Other">Of a steal, the loser; else -1.</param>
public readonly record struct JournalEntry(JournalEntryKind Kind, int Agent, ulong Frame, AccessRight Right, int Other = -1);
