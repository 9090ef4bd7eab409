using System.Globalization;
using Determinism;
using Determinism.Debugging;
using Determinism.Emulation.History;
using Determinism.FindWriters;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.RecordReplay;
using Determinism.Scheduling;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return new CommandLine().Invoke(args, static settings =>
{
    try
    {
        using IEventLogReader log = settings.Log is null ? Record(settings) : new FileEventLogReader(settings.Log);
        return Find(log, settings.Symbol, Console.Out);
    }
    catch (Exception error) when (error is RecordingRefusedException or ReplayRefusedException or MachineRefusedException
        or KvmUnavailableException)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Unsupported;
    }
    catch (LogDamagedException error)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Damaged;
    }
    catch (Exception error) when (error is DeterminismException or DebugTargetException or IOException)
    {
        Console.Error.WriteLine(error.Message);
        return ExitCode.Failed;
    }
});

// Nobody has told the recording what will be asked.
static MemoryEventLog Record(Settings settings)
{
    ClockKind clock = settings.Backend == Backends.Kvm ? ClockKind.SoftwareCounter : ClockKind.RetiredInstructions;
    MachineConfiguration configuration = settings.Workload.Configure(settings.Vcpus, clock, settings.Parameters);
    var log = new MemoryEventLog(configuration.Shape.AgentCount);
    using var machine = new GuestMachine(configuration, Backends.Find(settings.Backend), Surroundings.Make());
    using RecordingSession session = MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System);
    machine.Run(session);
    return log;
}

static ExitCode Find(IEventLogReader log, string name, TextWriter output)
{
    using var history = new RecordedHistory(log);
    ElfImage program = history.Configuration.Image;
    ElfSymbol? variable = program.Symbols.FirstOrDefault(one => one.Name == name && !one.IsFunction);
    if (variable is null || variable.Bytes == 0)
    {
        Console.Error.WriteLine($"The guest has no variable \"{name}\".");
        return ExitCode.Usage;
    }
    long count = 0;
    foreach (RecordedWrite one in history.FindWriters(variable.Address, variable.Bytes))
    {
        count++;
        string who = one.Agent < history.Configuration.VcpuCount ? $"vCPU {one.Agent}" : $"device {one.Agent}";
        string place = one.Instruction is { } address ? $"{program.NameOf(address)} (0x{address:x})" : "the machine";
        string offset = one.Address == variable.Address ? "" : $"+0x{one.Address - variable.Address:x}";
        output.WriteLine($"step {one.Position}: {who}, {place}, after its event {one.Event}: "
            + $"{name}{offset} {Show(one.Before.Span)} -> {Show(one.After.Span)}");
    }
    output.WriteLine($"{count} writes of {name}, {variable.Bytes} bytes at 0x{variable.Address:x}");
    return ExitCode.Identical;
}

// A word as a number, more as bytes.
static string Show(ReadOnlySpan<byte> content)
{
    if (content.Length > sizeof(ulong))
        return Convert.ToHexString(content);
    Span<byte> word = stackalloc byte[sizeof(ulong)];
    content.CopyTo(word);
    return BitConverter.ToUInt64(word).ToString(CultureInfo.InvariantCulture);
}
