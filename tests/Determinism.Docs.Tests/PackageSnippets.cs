using System.Net;
using Determinism.Conformance;
using Determinism.Debugging;
using Determinism.Emulation;
using Determinism.Emulation.History;
using Determinism.Guests;
using Determinism.Kvm;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Replaying;
using Determinism.Scheduling;
using Determinism.X86;
using Microsoft.Extensions.DependencyInjection;

namespace Determinism.Docs.Tests;

public sealed partial class MyHypervisor : IVmBackend
{
    public void SetRight(int vcpu, ulong frame, AccessRight right) =>
        ProtectFrame(vcpu, frame, readable: right != AccessRight.None, writable: right == AccessRight.ReadWrite);

    public void RequestExit(int vcpu) => KickOut(vcpu);
    // and the rest of the interface
}

public sealed partial class MyHypervisor
{
    private readonly NullBackend _rest = new();

    public BackendCapabilities Capabilities => _rest.Capabilities;

    public int StateBytes => _rest.StateBytes;

    public List<string> Calls { get; } = [];

    public void SetAllRights(AccessRight right) => _rest.SetAllRights(right);

    public ExecutionPoint ReadPoint(int vcpu) => _rest.ReadPoint(vcpu);

    public int CaptureState(int vcpu, Span<byte> destination) => _rest.CaptureState(vcpu, destination);

    public void ReadMemory(ulong address, Span<byte> destination) => _rest.ReadMemory(address, destination);

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source) => _rest.WriteMemory(address, source);

    private void ProtectFrame(int vcpu, ulong frame, bool readable, bool writable) =>
        Calls.Add($"protect {vcpu} {frame} {readable} {writable}");

    private void KickOut(int vcpu) => Calls.Add($"kick {vcpu}");
}

/// <summary>What the pages of the packages show, compiled and run.</summary>
public sealed class PackageSnippets
{
    private readonly MachineConfiguration _hello =
        GuestCatalog.Find("hello")!.Configure(1, ClockKind.SoftwareCounter, [0, 0, 0, 0]);

    private readonly MachineSurroundings _surroundings = new() { Time = TimeProvider.System, Entropy = () => 0 };

    [Fact]
    public void Contracts()
    {
        var hypervisor = new MyHypervisor();
        hypervisor.SetRight(1, 2, AccessRight.Read);
        hypervisor.RequestExit(3);
        Assert.Equal(["protect 1 2 True False", "kick 3"], hypervisor.Calls);
    }

    [Fact]
    public void Core()
    {
        var backend = new MyHypervisor();
        var shape = new MachineShape { VcpuCount = 2, MemoryBytes = 1 << 20 };
        const ulong digest = 7;

        var log = new MemoryEventLog(shape.AgentCount);
        using RecordingSession session = RecordingSession.Start(backend, shape, log, new RecordingOptions
        {
            Scheduler = new ParallelScheduler(), Time = TimeProvider.System, Guest = "my guest", InitialState = digest,
        });
        AgentSession vcpu = session.Agent(0);       // one for each vCPU, used by its own thread

        Assert.True(vcpu.TryEnter(out _));
        Assert.True(log.TryReadBlock(BlockKind.Header, out _));
    }

    [Fact]
    public void Hosting()
    {
        var services = new ServiceCollection();
        services.AddDeterminism(options =>
        {
            options.Scheduling = SchedulingMode.Chaos;
            options.Seed = 42;
        });
        using ServiceProvider provider = services.BuildServiceProvider();
        var backend = new MyHypervisor();
        var shape = new MachineShape { VcpuCount = 2, MemoryBytes = 1 << 20 };
        var log = new MemoryEventLog(shape.AgentCount);
        const ulong initialState = 7;

        SessionFactory sessions = provider.GetRequiredService<SessionFactory>();
        using RecordingSession session = sessions.StartRecording(backend, shape, log, "my guest", initialState);

        Assert.Equal(OwnershipScope.Frames, session.Scope);
    }

    [Fact]
    public async Task Debugging()
    {
        var log = new MemoryEventLog(_hello.Shape.AgentCount);
        using (var machine = new GuestMachine(_hello, new ManagedBackend(), _surroundings))
        using (RecordingSession session = MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System))
            machine.Run(session);
        using var history = new RecordedHistory(log);
        using var ending = new CancellationTokenSource();
        CancellationToken cancellationToken = ending.Token;
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(ServeAsync);

        async Task ServeAsync()
        {
            var server = new GdbServer(new HistoryTarget(history));
            using var listener = new GdbListener(server, new IPEndPoint(IPAddress.Loopback, 0));
            Console.WriteLine($"gdb -ex \"target remote {listener.LocalEndPoint}\"");
            await listener.RunAsync(cancellationToken);
        }
    }

    [Fact]
    public void Instructions()
    {
        const ulong address = 0x1000;
        byte[] bytes = [0x0F, 0xC7, 0xF0, 0xC3];
        TextWriter before = Console.Error;
        using var written = new StringWriter();
        Console.SetError(written);
        try
        {
            GuestCodeReport report = GuestCodeCheck.Check(
                new GuestCode { Regions = [new CodeRegion(address, bytes)], Entries = [address] }, GuestCodeRules.Instructions);
            foreach (CodeRefusal refusal in report.Refusals)
                Console.Error.WriteLine($"0x{refusal.Address:X}: {refusal.Instruction}: {refusal.Reason}");
        }
        finally
        {
            Console.SetError(before);
        }
        Assert.StartsWith("0x1000: rdrand eax:", written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Machine()
    {
        MemoryEventLog log = RecordOn(new ManagedBackend(), _hello, _surroundings);
        Assert.True(log.IsComplete);
        ReplayOnManagedMachine(log, _surroundings);
    }

    [SkippableFact]
    public void MachineOnKvm()
    {
        Skip.If(new KvmBackend(new KvmOptions()).FindObstacle() is not null, "There is no KVM here.");
        RecordOnKvm(_hello, new MemoryEventLog(_hello.Shape.AgentCount), _surroundings);
    }

    private static MemoryEventLog RecordOn(
        IMachineBackend backend, MachineConfiguration configuration, MachineSurroundings surroundings)
    {
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using var machine = new GuestMachine(configuration, backend, surroundings);
        using RecordingSession session =
            MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System);
        machine.Run(session);
        return log;
    }

    private static void ReplayOnManagedMachine(IEventLogReader log, MachineSurroundings surroundings)
    {
        using var machine = new GuestMachine(MachineConfiguration.ReadFrom(log), new ManagedBackend(), surroundings);
        using ReplaySession session = MachineRuns.StartReplay(machine, log);
        machine.Run(session);
    }

    private static void RecordOnKvm(MachineConfiguration configuration, MemoryEventLog log, MachineSurroundings surroundings)
    {
        var backend = new KvmBackend(new KvmOptions());
        if (backend.FindObstacle() is { } obstacle)
            throw new NotSupportedException(obstacle);      // what is missing, and what would help
        using var machine = new GuestMachine(configuration, backend, surroundings);
        using RecordingSession session =
            MachineRuns.StartRecording(machine, log, new ParallelScheduler(), TimeProvider.System);
        machine.Run(session);
    }
}
