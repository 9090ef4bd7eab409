using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Conformance.Tests;

/// <summary>The vCPUs of a backend of the sample machine, with a program assembled for them.</summary>
internal sealed class X86Machine : IMachineUnderTest
{
    public const ulong Data = AssembledGuest.Data;

    private readonly IGuestProcessors _processors;
    private readonly FaultDecoder[] _decoders;
    private readonly GuestMachine _machine;

    public X86Machine(ConformanceProgram program, IMachineBackend backend, ClockKind clock)
    {
        int vcpus = program.Vcpus.Count;
        _machine = new GuestMachine(
            AssembledGuest.Configure(vcpus, clock, code => Write(code, program)), backend, new MachineSurroundings
            {
                Time = TimeProvider.System, Entropy = () => 0,
            });
        _processors = _machine.Processors;
        _decoders = [.. Enumerable.Range(0, vcpus).Select(_ => new FaultDecoder())];
    }

    public IVmBackend Backend => _processors;

    public GuestExit Run(int vcpu, RunSlice slice)
    {
        MachineExit exit = _processors.Run(vcpu, slice);
        ref X86Registers registers = ref _processors.Registers(vcpu);
        switch (exit.Reason)
        {
            case MachineExitReason.Stopped:
                return new GuestExit(ExitKind.Stopped);
            case MachineExitReason.Port when exit.Port == GuestPort.Poll:
                registers.Rflags &= ~MachineState.ArithmeticFlags;
                return new GuestExit(ExitKind.Stopped);
            case MachineExitReason.Port:
                return new GuestExit(ExitKind.Synchronous, (uint)registers.Gpr[GuestRegister.Rdi]);
            case MachineExitReason.Fault:
                var accesses = new MemoryAccess[FaultDecoder.MostAccesses];
                int count = _decoders[vcpu].Collect(_processors, vcpu, exit, accesses);
                return new GuestExit(ExitKind.Fault, 0, accesses.AsMemory(0, count));
            case MachineExitReason.Host:
                return new GuestExit(ExitKind.Host);
            default:
                throw new InvalidOperationException($"vCPU {vcpu}: {exit}");
        }
    }

    public void Answer(int vcpu, ulong value) => _processors.Registers(vcpu).Gpr[GuestRegister.Rax] = value;

    public void Dispose() => _machine.Dispose();

    private static void Write(Assembler code, ConformanceProgram program)
    {
        var traps = new List<Action>();
        Label[] entries = [.. program.Vcpus.Select(_ => code.CreateLabel())];
        for (int vcpu = 1; vcpu < entries.Length; vcpu++)
        {
            code.cmp(rdi, vcpu);
            code.je(entries[vcpu]);
        }
        for (int vcpu = 0; vcpu < entries.Length; vcpu++)
        {
            Label round = code.CreateLabel();
            code.Label(ref entries[vcpu]);
            code.mov(r12, (ulong)program.Rounds);
            code.Label(ref round);
            code.nop();
            foreach (GuestStep step in program.Vcpus[vcpu])
                Write(code, step, traps);
            traps.Add(code.Poll());
            code.dec(r12);
            code.jne(round);
            code.Service(GuestPort.Exit, GuestExit.End);
        }
        foreach (Action trap in traps)
            trap();
    }

    private static void Write(Assembler code, GuestStep step, List<Action> traps)
    {
        code.mov(rbx, step.Address);
        switch (step.Kind)
        {
            case GuestStepKind.Store:
                code.mov(rax, step.Value);
                code.mov(__qword_ptr[rbx], rax);
                break;
            case GuestStepKind.Copy:
                code.mov(rax, __qword_ptr[rbx]);
                code.mov(rbx, step.Target);
                code.mov(__qword_ptr[rbx], rax);
                break;
            case GuestStepKind.Add:
                code.mov(rax, step.Value);
                code.@lock.add(__qword_ptr[rbx], rax);
                break;
            case GuestStepKind.Work:
                Label loop = code.CreateLabel();
                code.mov(rcx, step.Value);
                code.Label(ref loop);
                traps.Add(code.Poll());
                code.dec(rcx);
                code.jne(loop);
                break;
            case GuestStepKind.Exit:
                code.Service(GuestPort.Random, step.Code);
                break;
            case GuestStepKind.Input:
                code.Service(GuestPort.Random, step.Code);
                code.mov(__qword_ptr[rbx], rax);
                break;
        }
    }
}
