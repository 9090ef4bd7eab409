using Determinism.X86;

namespace Determinism.Machine;

/// <summary>Replaces RDTSC and CPUID by services of the same length, on every backend and with every clock: code bytes are
/// memory, and memory must be the same wherever a log is replayed.</summary>
internal static class CodePatches
{
    private const byte TwoByteOpcode = 0x0F, TimeStamp = 0x31, ProcessorIdentity = 0xA2, OutImmediate = 0xE6;

    /// <summary>Patches a program that has been loaded. Only what can be reached: such bytes may be data as well.</summary>
    public static void Apply(ElfImage image, ClockKind clock, GuestMemory memory)
    {
        if (!MayNeedPatches(image))
            return;
        foreach (CodePatch patch in GuestCheck.Check(image, clock).Patches)
        {
            Span<byte> code = memory.Slice(patch.Address, CodePatch.Bytes);
            code[0] = OutImmediate;
            code[1] = (byte)(patch.Kind == CodePatchKind.TimeStamp ? GuestPort.TimeStamp : GuestPort.ProcessorIdentity);
        }
    }

    private static bool MayNeedPatches(ElfImage image)
    {
        foreach (ElfSegment segment in image.Segments)
        {
            if (segment.IsExecutable && (image.Content(segment).IndexOf([TwoByteOpcode, TimeStamp]) >= 0
                || image.Content(segment).IndexOf([TwoByteOpcode, ProcessorIdentity]) >= 0))
                return true;
        }
        return false;
    }
}
