using System.Runtime.InteropServices;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Litmus.Tests.Exploration;

/// <summary>A guest that runs a litmus test once, with no access to shared memory but the test's own: vCPU 0 writes the
/// variables' first values and starts the others; each keeps its registers on its own stack.</summary>
internal sealed class ExploredGuest
{
    private readonly LitmusTest _test;
    private readonly ThreadCode[] _threads;
    private readonly ulong _memoryBytes;

    public ExploredGuest(LitmusTest test)
    {
        _test = test;
        Variables = new VariableMap(test, VariableLayout.Line);
        _threads = [.. test.Threads.Select((_, number) => new ThreadCode(test, number, Variables))];
        _memoryBytes = Variables.End + ((ulong)test.Threads.Count * GuestLayout.StackBytes);
    }

    public VariableMap Variables { get; }

    public MachineConfiguration Configure() => new()
    {
        GuestName = "explored " + _test.Name, Image = ElfFile.Make(Assemble(), VariableMap.Start, Variables.End),
        VcpuCount = _threads.Length, MemoryBytes = _memoryBytes,
    };

    public Outcome Read(GuestMachine machine)
    {
        int[] next = new int[_threads.Length];
        return new Outcome([.. _test.Places.Select(place => place.Truncate(MemoryMarshal.Read<ulong>(machine.Processors.Memory.Slice(
            place.IsVariable ? Variables[place.Variable!] : Saved(place.Thread, next[place.Thread]++), sizeof(ulong)))))]);
    }

    private byte[] Assemble()
    {
        var code = new Assembler(64);
        Label[] entries = [.. _threads.Select(_ => code.CreateLabel())];
        foreach (LitmusVariable variable in _test.Variables)
        {
            code.mov(rax, Alu.Truncate(variable.Initial.In(Variables), variable.Bytes));
            code.mov(__qword_ptr[Variables[variable.Name]], rax);
        }
        for (int thread = 1; thread < entries.Length; thread++)
        {
            code.mov(edi, thread);
            code.lea(rsi, __[entries[thread]]);
            code.mov(r8, Saved(thread, -1));
            code.@out((byte)GuestPort.VcpuStart, al);
        }
        for (int thread = 0; thread < entries.Length; thread++)
        {
            code.Label(ref entries[thread]);
            code.nop();
            var polls = new Polls(code);
            _threads[thread].WriteInitialRegisters(code);
            _threads[thread].WriteBody(code, polls, isPolled: false);
            foreach (Register register in _threads[thread].Observed)
                code.push(new AssemblerRegister64(register));
            code.xor(edi, edi);
            code.@out((byte)GuestPort.Exit, al);
            polls.WriteTraps();
        }
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), GuestLayout.Image);
        return stream.ToArray();
    }

    private ulong Saved(int thread, int index) =>
        _memoryBytes - ((ulong)thread * GuestLayout.StackBytes) - (ulong)(8 * (index + 2));
}
