using Determinism.X86;

namespace Determinism.Machine;

/// <summary>Puts a guest into a machine's memory and sets its vCPUs to their start.</summary>
internal static class GuestLoader
{
    private const ulong Page = 4096;

    public static void Load(MachineConfiguration configuration, IGuestProcessors processors)
    {
        GuestMemory memory = processors.Memory;
        ulong heapStart = LoadSegments(configuration, memory);
        CodePatches.Apply(configuration.Image, configuration.Clock, memory);
        ulong heapEnd = configuration.MemoryBytes - ((ulong)configuration.VcpuCount * GuestLayout.StackBytes);
        if (heapStart > heapEnd)
            throw new GuestLoadException(
                $"{configuration.GuestName} does not fit into 0x{configuration.MemoryBytes:X} bytes of memory.");
        new BootInfo(configuration.MemoryBytes, configuration.VcpuCount, configuration.Parameters, heapStart, heapEnd)
            .WriteTo(memory.Slice(GuestLayout.BootInfo, BootInfo.Size));
        for (int vcpu = 0; vcpu < configuration.VcpuCount; vcpu++)
            Reset(configuration, processors, vcpu);
    }

    private static ulong LoadSegments(MachineConfiguration configuration, GuestMemory memory)
    {
        ulong end = GuestLayout.Image;
        foreach (ElfSegment segment in configuration.Image.Segments)
        {
            if (segment.Address < GuestLayout.Image || segment.MemoryBytes < (ulong)segment.FileBytes
                || segment.Address > memory.Size || segment.MemoryBytes > memory.Size - segment.Address)
                throw new GuestLoadException(
                    $"{configuration.GuestName} has a part at 0x{segment.Address:X} that lies outside of its place.");
            configuration.Image.Content(segment).CopyTo(memory.Slice(segment.Address, segment.FileBytes));
            end = Math.Max(end, segment.Address + segment.MemoryBytes);
        }
        return (end + Page - 1) & ~(Page - 1);
    }

    private static void Reset(MachineConfiguration configuration, IGuestProcessors processors, int vcpu)
    {
        ref X86Registers registers = ref processors.Registers(vcpu);
        registers = X86Registers.Reset;
        registers.Rip = configuration.Image.Entry;
        // As if called: eight bytes above a multiple of sixteen.
        registers.Gpr[GuestRegister.Rsp] = configuration.MemoryBytes - ((ulong)vcpu * GuestLayout.StackBytes) - 8;
        registers.Gpr[GuestRegister.Rdi] = (ulong)vcpu;
        registers.GsBase = GuestLayout.ControlPageOf(vcpu);
        ref ControlPage control = ref processors.Memory.At<ControlPage>(GuestLayout.ControlPageOf(vcpu));
        control.Limit = ulong.MaxValue;
        control.Vcpu = (uint)vcpu;
    }
}
