using CustomBackend.Machine;
using Determinism;
using Determinism.Conformance;

namespace CustomBackend.Tests;

/// <summary>The bytecode machine with a program of the kit.</summary>
internal sealed class BytecodeMachineUnderTest : IMachineUnderTest
{
    public const ulong Data = 0x8000;
    private const uint Start = 0x1000;
    private const int Value = 1, Address = 2, Source = 3, Loop = 4, Rounds = 5, Scratch = 6;

    private readonly BytecodeCpu[] _cpus;
    private readonly BytecodeBackend _backend;

    public BytecodeMachineUnderTest(ConformanceProgram program)
    {
        var memory = new PagedMemory(1 << 16, program.Vcpus.Count);
        var code = new Assembler(Start);
        _cpus = new BytecodeCpu[program.Vcpus.Count];
        for (int vcpu = 0; vcpu < _cpus.Length; vcpu++)
        {
            _cpus[vcpu] = new BytecodeCpu(vcpu, memory) { Place = code.Here };
            Write(code, program.Vcpus[vcpu], (uint)program.Rounds, vcpu);
        }
        code.Assemble().CopyTo(memory.All[(int)Start..]);
        _backend = new BytecodeBackend(memory, _cpus);
    }

    public IVmBackend Backend => _backend;

    public GuestExit Run(int vcpu, RunSlice slice)
    {
        CpuExit exit = _cpus[vcpu].Run(slice.StopAt);
        var accesses = new MemoryAccess[3];
        int count = exit.Reason == CpuExitReason.Forbidden ? _backend.CollectAccesses(vcpu, accesses) : 0;
        return new GuestExit(BytecodeBackend.KindOf(exit), exit.Service, accesses.AsMemory(0, count));
    }

    public void Answer(int vcpu, ulong value) => _cpus[vcpu].Registers[Value] = value;

    public void Dispose()
    {
        foreach (BytecodeCpu cpu in _cpus)
            cpu.ThrowOut();
    }

    private static void Write(Assembler code, IReadOnlyList<GuestStep> steps, uint rounds, int vcpu)
    {
        code.Add(Opcode.Set, Rounds, number: rounds);
        code.Label($"round {vcpu}");
        for (int step = 0; step < steps.Count; step++)
            Write(code, steps[step], $"work {vcpu} {step}");
        code.Add(Opcode.AddNumber, Rounds, Rounds, number: uint.MaxValue);
        code.JumpIf(Rounds, $"round {vcpu}");
        code.Add(Opcode.Service, number: GuestExit.End);
    }

    private static void Write(Assembler code, GuestStep step, string label)
    {
        switch (step.Kind)
        {
            case GuestStepKind.Store or GuestStepKind.Add:
                code.SetLong(Value, step.Value, Scratch);
                code.Add(Opcode.Set, Address, number: (uint)step.Address);
                code.Add(step.Kind == GuestStepKind.Store ? Opcode.Store : Opcode.AtomicAdd, Value, Address);
                break;
            case GuestStepKind.Copy:
                code.Add(Opcode.Set, Source, number: (uint)step.Address);
                code.Add(Opcode.Set, Address, number: (uint)step.Target);
                code.Add(Opcode.Move, Address, Source);
                break;
            case GuestStepKind.Work:
                code.SetLong(Loop, step.Value, Scratch);
                code.Label(label);
                code.Add(Opcode.AddNumber, Loop, Loop, number: uint.MaxValue);
                code.JumpIf(Loop, label);
                break;
            case GuestStepKind.Exit:
                code.Add(Opcode.Service, number: step.Code);
                break;
            case GuestStepKind.Input:
                code.Add(Opcode.Set, Address, number: (uint)step.Address);
                code.Add(Opcode.Service, number: step.Code);
                code.Add(Opcode.Store, Value, Address);
                break;
        }
    }
}
