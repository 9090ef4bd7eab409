using Determinism.Model.Tests.Handover;
using static Determinism.Model.Tests.Handover.Instruction;

namespace Determinism.Model.Tests;

/// <summary>Programs for the agents of the model.</summary>
internal static class Workloads
{
    public static Instruction[] OneFrame { get; } = [Read0, Write0];

    public static Instruction[] TwoFrames { get; } =
        [Read0, Write0, Read1, Write1, Read0Read1, Read0Write1, Write0Read1, Write0Write1];

    public static Instruction[] Walks { get; } = [Walk1Then0, Walk0Then1];

    /// <summary>One frame, with waits in the host.</summary>
    public static Instruction[] Halting { get; } = [Write0, Read0, Halt];

    public static Program[] Same(int agents, Program program) => [.. Enumerable.Repeat(program, agents)];

    /// <summary>Each agent repeats instructions of its choice for ever.</summary>
    public static Program[] Forever(int agents, params Instruction[] alphabet) =>
        Same(agents, Program.Any(Ending.Repeat, 1, alphabet));

    /// <summary>Each program of so many instructions.</summary>
    public static IEnumerable<Program> Every(int length, Instruction[] alphabet)
    {
        IEnumerable<Instruction[]> sequences = [[]];
        for (int count = 0; count < length; count++)
            sequences = sequences.SelectMany(_ => alphabet, static (before, one) => (Instruction[])[.. before, one]);
        return sequences.Select(Once);
    }

    public static Program Once(params Instruction[] instructions) => Program.Of(Ending.EndOrSpin, instructions);
}
