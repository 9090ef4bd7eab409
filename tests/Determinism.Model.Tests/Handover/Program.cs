namespace Determinism.Model.Tests.Handover;

internal enum Ending
{
    /// <summary>The agent ends.</summary>
    End,

    /// <summary>The agent spins at polls for ever.</summary>
    Spin,

    /// <summary>Either, and the choice is explored.</summary>
    EndOrSpin,

    /// <summary>The program starts again.</summary>
    Repeat,
}

/// <summary>One agent's program: at each place a set of instructions to choose from, all choices explored.</summary>
internal sealed record Program(Ending Ending, params Instruction[][] Places)
{
    /// <summary>A program without choices.</summary>
    public static Program Of(Ending ending, params Instruction[] instructions) =>
        new(ending, Array.ConvertAll(instructions, i => new[] { i }));

    /// <summary>Any instruction of the alphabet, <paramref name="length"/> times.</summary>
    public static Program Any(Ending ending, int length, params Instruction[] alphabet) =>
        new(ending, [.. Enumerable.Repeat(alphabet, length)]);
}
