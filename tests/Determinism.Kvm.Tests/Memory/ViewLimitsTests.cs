using System.Globalization;
using Determinism.Kvm.Interop;
using Determinism.Kvm.Memory;
using Determinism.Kvm.Vcpus;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Determinism.Scheduling;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests.Memory;

/// <summary>Views as processors see them, of frames of several pages, and at the ends of what the kernel gives.</summary>
public unsafe class ViewLimitsTests
{
    // mov rax, [rbx]; out 0x11, al - and - mov [rbx], rax; out 0x11, al.
    private static readonly byte[] s_load = [0x48, 0x8B, 0x03, 0xE6, 0x11];
    private static readonly byte[] s_store = [0x48, 0x89, 0x03, 0xE6, 0x11];

    [SkippableTheory]
    [InlineData(1, 4096)]
    [InlineData(2, 16)]
    public void A_processor_can_do_what_its_view_shows_and_nothing_else(int seed, int mostPieces)
    {
        OnKvm.Need();
        using var bare = new BareVcpu(OnKvm.Options with { MostPieces = mostPieces });
        VcpuView view = bare.Vcpu.View;
        var random = new Random(seed);
        const ulong First = BareVcpu.Data >> 12, Code = BareVcpu.Code >> 12;
        for (int round = 0; round < 400; round++)
        {
            for (int change = random.Next(4); change >= 0; change--)
                view.SetRight(First + (ulong)random.Next(200), (AccessRight)random.Next(3));
            // The view may have closed: code is needed all the same.
            view.SetRight(Code, AccessRight.Read);
            ulong address = (First + (ulong)random.Next(200)) << 12;
            AccessRight right = view.RightAt(address);
            bool writes = random.Next(2) == 0;
            bare.Word(address) = 7;
            bare.Load(writes ? s_store : s_load);
            bare.Vcpu.Registers.Gpr[3] = address;
            VcpuExit exit = bare.Run();
            bool isAllowed = right >= (writes ? AccessRight.ReadWrite : AccessRight.Read);
            Assert.True(exit.Kind == (isAllowed ? VcpuExitKind.Port : VcpuExitKind.Fault),
                $"seed {seed}, round {round}: {right}, but {(writes ? "a store" : "a load")} is {exit.Kind}");
            Assert.Equal(writes && isAllowed ? 0UL : 7UL, bare.Word(address));
        }
        Assert.Equal(mostPieces == 16, view.Closings > 0);
    }

    [SkippableFact]
    public void An_open_view_lets_the_processor_past_all_rights_and_a_closed_one_does_not()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        VcpuView view = bare.Vcpu.View;
        ulong frames = view.Bytes >> 12;
        view.SetAll(AccessRight.None);
        view.SetRight(BareVcpu.Code >> 12, AccessRight.Read);
        for (int round = 0; round < 4; round++)
        {
            bare.Word(BareVcpu.Data) = 7;
            bare.Load(s_store);
            bare.Vcpu.Registers.Gpr[3] = BareVcpu.Data;
            Assert.Equal(VcpuExitKind.Fault, bare.Run().Kind);
            Assert.Equal(7UL, bare.Word(BareVcpu.Data));
            view.SetRights(0, frames, AccessRight.ReadWrite);
            Assert.Equal(VcpuExitKind.Port, bare.Run().Kind);
            Assert.Equal(0UL, bare.Word(BareVcpu.Data));
            view.SetRights(0, BareVcpu.Code >> 12, AccessRight.None);
        }
    }

    [SkippableTheory]
    [InlineData(13, 11)]
    [InlineData(16, 12)]
    [InlineData(20, 13)]
    public void Frames_of_many_pages_have_one_right_each_to_the_end_of_memory(int pageShift, int seed)
    {
        OnKvm.Need();
        const ulong MemoryBytes = (8UL << 20) + 0x3000;
        using var memory = new SharedMemory("test", MemoryBytes);
        using var view = new VcpuView(memory, pageShift, mostPieces: 4096);
        int frames = (int)((MemoryBytes - 1) >> pageShift) + 1;
        var random = new Random(seed);
        for (int change = 0; change < 5 * frames; change++)
            view.SetRight((ulong)random.Next(frames + 1), (AccessRight)random.Next(3));
        view.SetRight((ulong)frames - 1, AccessRight.Read);
        Assert.Equal(AccessRight.None, view.RightAt(MemoryBytes));
        string[] pages = ViewMappings.Read(view);
        for (ulong address = 0; address < MemoryBytes; address += 4096)
        {
            string wanted = view.RightAt(address) switch { AccessRight.None => "--", AccessRight.Read => "r-", _ => "rw" };
            Assert.True(pages[address >> 12] == wanted, $"seed {seed}: 0x{address:X} is {pages[address >> 12]}, not {wanted}");
        }
    }

    [SkippableFact]
    public void A_process_that_has_no_mapping_left_closes_the_view_and_goes_on()
    {
        OnKvm.Need();
        const ulong MemoryBytes = 1UL << 30;
        const ulong Frames = MemoryBytes >> 12;
        long most = long.Parse(File.ReadAllText("/proc/sys/vm/max_map_count"), CultureInfo.InvariantCulture);
        Skip.If(most > (long)Frames - 1000, $"A process may have {most} mappings here.");
        using var memory = new SharedMemory("test", MemoryBytes);
        using var view = new VcpuView(memory, pageShift: 12, mostPieces: int.MaxValue);
        ulong frame = 0x400;
        while (view.Closings == 0 && frame < Frames)
        {
            view.SetRight(frame, AccessRight.Read);
            frame += 2;
        }
        Assert.Equal(1, view.Closings);
        // What it was closed for is there, and nothing else.
        ulong last = frame - 2;
        Assert.Equal(AccessRight.Read, view.RightAt(last << 12));
        Assert.Equal(AccessRight.None, view.RightAt((last - 2) << 12));
        Assert.InRange(last, (ulong)most / 4, Frames);
        string[] pages = ViewMappings.Read(view);
        Assert.Equal(["--", "r-", "--"], pages[(int)(last - 1)..(int)(last + 2)]);
        Assert.Equal(1, pages.Count(page => page == "r-"));
        Assert.Equal("rw", pages[GuestLayout.ControlPages >> 12]);
    }

    [SkippableFact]
    public void A_view_that_cannot_be_protected_at_all_is_an_error()
    {
        OnKvm.Need();
        using var memory = new SharedMemory("test", 4UL << 20);
        using var view = new VcpuView(memory, pageShift: 12, mostPieces: 64);
        // A hole: the kernel protects no range that is not mapped.
        Assert.Equal(0, Libc.Unmap((nint)view.Start + 0x30_0000, 4096));
        var error = Assert.Throws<KvmException>(() => view.SetRight(0x300, AccessRight.Read));
        Assert.Contains("error 12", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_view_that_closed_while_recording_and_one_that_did_not_replay_the_same_log()
    {
        OnKvm.Need();
        const ulong Sweeps = 6, Start = 0x60_0000;
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code =>
        {
            Label sweep = code.CreateLabel(), step = code.CreateLabel();
            code.StartBoth();
            code.mov(r12, Sweeps);
            code.mov(r13, rdi);
            code.Label(ref sweep);
            Action outer = code.Poll();
            // Six frames an instruction or two, all of them alone: the border of a frame, read, and written elsewhere.
            code.mov(rsi, Start + 0xFFC);
            code.lea(rdi, __[rsi + 0x20_0000]);
            code.mov(ecx, 100);
            code.Label(ref step);
            Action inner = code.Poll();
            code.movsq();
            code.add(__qword_ptr[rdi - 8], r12);
            code.add(rsi, 0x4000 - 8);
            code.add(rdi, 0x4000 - 8);
            code.dec(ecx);
            code.jne(step);
            code.dec(r12);
            code.jne(sweep);
            code.EndBoth(Start, 0);
            outer();
            inner();
        });
        var closing = new KvmBackend(OnKvm.Options with { MostPieces = 16 });
        foreach (KvmBackend recorder in (KvmBackend[])[closing, OnKvm.Backend])
        {
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            using GuestMachine machine = MachineRunner.NewMachine(configuration, recorder);
            using RecordingSession session = MachineRuns.StartRecording(
                machine, log, new ParallelScheduler(TimeSpan.FromTicks(2_000)), TimeProvider.System);
            machine.Run(session);
            Assert.All(machine.ExitCodes, code => Assert.Equal(0UL, code));
            Assert.Equal(recorder == closing, ((KvmProcessors)machine.Processors).View(0).Closings > 0);
            MachineState recorded = MachineState.Capture(machine);
            foreach (IMachineBackend? replayer in (IMachineBackend?[])[closing, OnKvm.Backend, null])
                Assert.Null(recorded.FindDifference(MachineRunner.Replay(log, backend: replayer)));
        }
    }

    [SkippableFact]
    public void The_views_of_many_vcpus_together_leave_the_process_the_mappings_that_it_needs()
    {
        OnKvm.Need();
        const int Vcpus = 40;
        MachineConfiguration configuration = AssembledGuest.Configure(
            Vcpus, ClockKind.SoftwareCounter, code => code.Service(GuestPort.Exit)) with { MemoryBytes = 64UL << 20 };
        using GuestMachine machine = MachineRunner.NewMachine(configuration, OnKvm.Backend);
        var processors = (KvmProcessors)machine.Processors;
        for (ulong frame = 0x400; frame < configuration.MemoryBytes >> 12; frame += 2)
        {
            for (int vcpu = 0; vcpu < Vcpus; vcpu++)
            {
                processors.SetRight(vcpu, frame, AccessRight.Read);
                Assert.Equal(AccessRight.Read, processors.View(vcpu).RightAt(frame << 12));
            }
        }
        int mappings = File.ReadLines("/proc/self/maps").Count();
        Assert.InRange(mappings, 1, 60_000);
    }
}
