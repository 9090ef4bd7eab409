using Iced.Intel;

namespace Determinism.X86;

/// <summary>The services of the guest ABI that matter to the flow of control and of flags (docs/guest-abi.md).</summary>
internal static class ServicePort
{
    /// <summary>The trap of a poll.</summary>
    public const byte Poll = 0x10;

    /// <summary>Ends the vCPU: control does not come back.</summary>
    public const byte Exit = 0x11;

    /// <summary>Waits for an interrupt, whose handler stores all flags.</summary>
    public const byte Halt = 0x1A;

    public static bool Is(in Instruction instruction, byte port) =>
        instruction.Code == Code.Out_imm8_AL && instruction.Immediate8 == port;
}
