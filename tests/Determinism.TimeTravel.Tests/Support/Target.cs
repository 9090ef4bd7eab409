using Determinism.Checkpoints;
using Determinism.Machine;

namespace Determinism.TimeTravel.Tests.Support;

/// <summary>A place to go to, and the state that a straight replay has there.</summary>
internal sealed record Target
{
    public required string Name { get; init; }

    /// <summary>Where it is, or begins.</summary>
    public required Cut Cut { get; init; }

    /// <summary>The instruction, if it is one.</summary>
    public InstructionPoint? Instruction { get; init; }

    /// <summary>What that is in.</summary>
    public EventInterval? Interval { get; init; }

    /// <summary>What the vCPU's software counter showed at its start.</summary>
    public ulong Count { get; init; }

    public StateDigest State { get; init; }

    /// <summary>Where a replay that has been there can go on to.</summary>
    public Cut Last => Instruction is null ? Cut : Interval!.End ?? Cut;
}
