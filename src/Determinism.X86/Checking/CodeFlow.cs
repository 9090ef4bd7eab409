using Iced.Intel;

namespace Determinism.X86;

/// <summary>Where control goes after an instruction.</summary>
internal static class CodeFlow
{
    /// <summary>Whether control may go on at the next instruction in memory.</summary>
    public static bool Continues(in Instruction instruction) => instruction.FlowControl switch
    {
        FlowControl.UnconditionalBranch or FlowControl.IndirectBranch or FlowControl.Return
            or FlowControl.Interrupt or FlowControl.Exception => false,
        _ => !ServicePort.Is(instruction, ServicePort.Exit),
    };

    /// <summary>Whether it jumps to, or calls, an address that it holds.</summary>
    public static bool HasTarget(in Instruction instruction) => instruction.Op0Kind == OpKind.NearBranch64
        && instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch or FlowControl.Call;
}
