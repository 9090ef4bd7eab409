using System.Runtime.InteropServices;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Litmus;

/// <summary>A guest that runs a litmus test many times, one vCPU a thread.</summary>
public sealed class LitmusGuest
{
    private readonly LitmusTest _test;
    private readonly GuestPlan _plan;
    private readonly GuestMap _map;
    private readonly ElfImage _image;

    /// <summary>Builds it.</summary>
    /// <param name="test">The test.</param>
    /// <param name="plan">How it is to be run.</param>
    /// <exception cref="LitmusFormatException">The processor has no such instruction.</exception>
    public LitmusGuest(LitmusTest test, GuestPlan plan)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.Iterations, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(plan.DelayBits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plan.DelayBits, 30);
        _test = test;
        _plan = plan;
        _map = new GuestMap(test, plan);
        _image = ElfFile.Make(Assemble(), VariableMap.Start, _map.DataEnd);
    }

    /// <summary>Where the test's variables are.</summary>
    public VariableMap Variables => _map.Variables;

    /// <summary>The machine for it.</summary>
    /// <param name="clock">Its clock; with the software counter a plan should be polled.</param>
    public MachineConfiguration Configure(ClockKind clock) => new()
    {
        GuestName = "litmus " + _test.Name, Image = _image, VcpuCount = _test.Threads.Count, MemoryBytes = _map.MemoryBytes,
        Clock = clock,
    };

    /// <summary>The outcome of each iteration of a machine whose run has ended.</summary>
    /// <param name="memory">Its memory.</param>
    public IReadOnlyList<Outcome> ReadOutcomes(GuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        int threads = _test.Threads.Count;
        int[] registers = [.. Enumerable.Range(0, threads).Select(thread => _test.Places.Count(place => place.Thread == thread))];
        var outcomes = new List<Outcome>(_plan.Iterations);
        var values = new ulong[_test.Places.Count];
        for (int iteration = 0; iteration < _plan.Iterations; iteration++)
        {
            int[] next = new int[threads];
            // Final values of variables are with the thread whose turn comes after the iteration.
            int keeper = (iteration + 1) % threads, variable = registers[keeper];
            for (int place = 0; place < values.Length; place++)
            {
                int thread = _test.Places[place].IsVariable ? keeper : _test.Places[place].Thread;
                int slot = _test.Places[place].IsVariable ? variable++ : next[thread]++;
                values[place] = _test.Places[place].Truncate(Read(memory, thread, iteration, slot));
            }
            outcomes.Add(new Outcome(values));
        }
        return outcomes;
    }

    private ulong Read(GuestMemory memory, int thread, int iteration, int slot)
    {
        int recordBytes = GuestMap.RecordBytes(_test, thread);
        ulong address = _map.ResultsOf(thread) + ((ulong)recordBytes * (ulong)iteration) + (ulong)(slot * sizeof(ulong));
        return MemoryMarshal.Read<ulong>(memory.Slice(address, sizeof(ulong)));
    }

    private byte[] Assemble()
    {
        var code = new Assembler(64);
        Label[] entries = [.. _test.Threads.Select(_ => code.CreateLabel())];
        for (int thread = 1; thread < entries.Length; thread++)
        {
            code.mov(edi, thread);
            code.lea(rsi, __[entries[thread]]);
            code.xor(edx, edx);
            code.mov(r8, _map.StackTop(thread));
            code.@out((byte)GuestPort.VcpuStart, al);
        }
        for (int thread = 0; thread < entries.Length; thread++)
        {
            code.Label(ref entries[thread]);
            code.nop();
            new ThreadProgram(code, _test, _plan, _map, thread).Write();
        }
        using var stream = new MemoryStream();
        try
        {
            code.Assemble(new StreamCodeWriter(stream), GuestLayout.Image);
        }
        catch (InvalidOperationException error)
        {
            throw new LitmusFormatException($"{_test.Name} cannot be assembled: {error.Message}", error);
        }
        return stream.ToArray();
    }
}
