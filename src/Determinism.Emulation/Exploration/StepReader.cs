using System.Globalization;
using Determinism.Machine;
using Determinism.X86;
using Iced.Intel;

namespace Determinism.Emulation.Exploration;

/// <summary>Says what vCPUs that stand between two instructions do next.</summary>
/// <remarks>Shared is all memory but a vCPU's own stack, its control page and the boot information. One thread at a time.</remarks>
internal sealed class StepReader(GuestMachine machine)
{
    private readonly InstructionReader _reader = new();
    private readonly MemoryOperands _operands = new();
    private readonly MachineConfiguration _configuration = machine.Configuration;

    public NextStep Read(int vcpu)
    {
        ref X86Registers registers = ref machine.Processors.Registers(vcpu);
        GuestMemory memory = machine.Processors.Memory;
        ulong rip = registers.Rip;
        int room = rip < memory.Size ? (int)Math.Min(InstructionReader.MaximumLength, memory.Size - rip) : 0;
        // What is no instruction is told by the vCPU when it comes to it.
        if (room == 0 || !_reader.TryRead(memory.Slice(rip, room), rip, out Instruction instruction))
            return new NextStep([]);
        if (instruction.Code == Code.Out_imm8_AL)
            return ReadService(vcpu, (GuestPort)instruction.Immediate8, registers);

        Span<MemoryAccess> accesses = stackalloc MemoryAccess[MemoryOperands.MaximumAccesses];
        int count = _operands.Get(instruction, registers, accesses);
        var shared = new List<MemoryAccess>();
        foreach (MemoryAccess access in accesses[..count])
        {
            if (!IsPrivate(vcpu, access))
                shared.Add(access);
        }
        return new NextStep([.. shared]);
    }

    private static NextStep ReadService(int vcpu, GuestPort port, in X86Registers registers) => port switch
    {
        GuestPort.Poll or GuestPort.GiveWay or GuestPort.Exit => new NextStep([]),
        GuestPort.VcpuStart => new NextStep([], registers.Gpr[7] > int.MaxValue ? -1 : (int)registers.Gpr[7]),
        _ => throw new GuestErrorException(string.Format(CultureInfo.InvariantCulture,
            "vCPU {0} at 0x{1:X} asks for {2}: what devices and the outside do is not explored.", vcpu, registers.Rip, port)),
    };

    private bool IsPrivate(int vcpu, in MemoryAccess access)
    {
        ulong stacks = _configuration.MemoryBytes - ((ulong)_configuration.VcpuCount * GuestLayout.StackBytes);
        if (access.Address >= stacks && access.Address < _configuration.MemoryBytes)
        {
            ulong owner = (_configuration.MemoryBytes - 1 - access.Address) / GuestLayout.StackBytes;
            if (owner != (ulong)vcpu)
                throw new GuestErrorException($"vCPU {vcpu} uses the stack of vCPU {owner}: stacks are taken to be private.");
            return true;
        }
        return GuestLayout.IsControl(access.Address) || access.Address < GuestLayout.ControlPages;
    }
}
