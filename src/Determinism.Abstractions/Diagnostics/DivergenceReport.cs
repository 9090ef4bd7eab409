namespace Determinism;

/// <summary>The first thing that a replay did differently (law L8), with what is known about it.</summary>
public sealed record DivergenceReport
{
    /// <summary>The agent.</summary>
    public required int Agent { get; init; }

    /// <summary>Number of the event that could not be replayed; the first is 1.</summary>
    public required ulong EventNumber { get; init; }

    /// <summary>What the log says.</summary>
    public required string Expected { get; init; }

    /// <summary>What happened.</summary>
    public required string Actual { get; init; }

    /// <summary>Where the agent is.</summary>
    public ExecutionPoint Point { get; init; }

    /// <summary>The instruction there, disassembled, with its bytes; empty without an <see cref="IInstructionText"/>.</summary>
    public string Instruction { get; init; } = "";

    /// <summary>The agent's registers as text; empty without an <see cref="IInstructionText"/>.</summary>
    public string State { get; init; } = "";

    /// <summary>The last events that every agent consumed before it, newest last, one line each.</summary>
    public IReadOnlyList<string> LastEvents { get; init; } = [];

    /// <summary>What probably caused it; empty when it cannot be told.</summary>
    public string LikelyCause { get; init; } = "";
}
