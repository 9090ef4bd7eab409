using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Determinism;
using Determinism.Emulation;
using Determinism.EmulatorSpeed;
using Iced.Intel;

const ulong MemoryBytes = 1 << 20;
const ulong CodeAddress = 0x10000;
const ulong ControlPage = 0x40000;
var instructions = args.Length > 0 ? ulong.Parse(args[0], CultureInfo.InvariantCulture) : 200_000_000UL;
Report("kernel", Kernels.All.Select(kernel => (kernel.Name, Measure(kernel.Code, instructions))));
Report("compiled guest", CompiledGuests.Measure());
return 0;

static void Report(string title, IEnumerable<(string Name, double Speed)> measured)
{
    Console.WriteLine($"{title,-20} million instructions/s");
    var speeds = new List<double>();
    foreach (var (name, speed) in measured)
    {
        speeds.Add(speed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20} {speed,8:F0}"));
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"slowest",-20} {speeds.Min(),8:F0}"));
    var mean = Math.Exp(speeds.Average(Math.Log));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"geometric mean",-20} {mean,8:F0}"));
}

static unsafe double Measure(Action<Assembler> code, ulong instructions)
{
    var memory = (byte*)NativeMemory.AllocZeroed((nuint)MemoryBytes);
    try
    {
        var assembler = new Assembler(64);
        code(assembler);
        Kernels.Finish(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), CodeAddress);
        stream.ToArray().CopyTo(new Span<byte>(memory + CodeAddress, 0x1000));
        using var processor = new Processor(memory, MemoryBytes, 12);
        processor.SetAllRights(AccessRight.ReadWrite);
        processor.Registers.Rip = CodeAddress;
        processor.Registers.Gpr[4] = 0x80000;
        processor.Registers.GsBase = ControlPage;
        *(ulong*)(memory + ControlPage + 8) = ulong.MaxValue;
        processor.Run(instructions / 20);
        // The best of some runs: other work on the machine only ever slows them down.
        var best = double.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var start = Stopwatch.GetTimestamp();
            var exit = processor.Run(processor.Count + (instructions / 5));
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            if (exit.Reason != ProcessorExitReason.Stopped)
                throw new InvalidOperationException($"The kernel ended: {exit}.");
        }

        return instructions / 5 / best / 1e6;
    }
    finally
    {
        NativeMemory.Free(memory);
    }
}
