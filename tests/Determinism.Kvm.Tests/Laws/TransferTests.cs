using Determinism.Log;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests.Laws;

/// <summary>Transfers of the disk into frames, and out of frames, that real vCPUs write meanwhile: the device is one more
/// agent, and each sector is one span.</summary>
public class TransferTests
{
    private const ulong Buffer = AssembledGuest.Data + 0x4000;
    private const ulong Request = AssembledGuest.Data + 0x100;
    private const ulong Status = Request + 24;
    private const int Sectors = 16;

    // Two words behind the buffer's last sector, in its last frame.
    private const ulong Counters = Buffer + (Sectors * 512) - 0x200;

    [SkippableTheory]
    [InlineData("kvm", "parallel")]
    [InlineData("kvm", "chaos")]
    [InlineData("managed", "parallel")]
    public void A_frame_that_is_filled_while_vcpus_write_it_gets_all_of_both_and_replays_alike(string recorder, string scheduler)
    {
        OnKvm.Need();
        const ulong Transfers = 6;
        for (int seed = 1; seed <= TestTier.Times(1, 20); seed++)
        {
            var content = new byte[64 * 512];
            new Random(seed).NextBytes(content);
            MachineConfiguration configuration =
                AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code => Write(code, Transfers)) with { Disk = content };
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            using GuestMachine machine = MachineRunner.NewMachine(configuration, OnKvm.Find(recorder));
            using (Recording.RecordingSession session = MachineRuns.StartRecording(machine, log,
                MachineRunner.MakeScheduler(scheduler, 2, (ulong)seed), TimeProvider.System))
                machine.Run(session);

            Assert.Equal([0UL, 0UL], machine.ExitCodes);
            GuestMemory memory = machine.Processors.Memory;
            // All but the last sector is the disk's; the vCPUs' words and what a vCPU writes lie in the last.
            int whole = (Sectors - 1) * 512;
            Assert.True(memory.Slice(Buffer, whole).SequenceEqual(content.AsSpan(0, whole)), $"seed {seed}");
            ulong first = memory.At<ulong>(Counters), second = memory.At<ulong>(Counters + 8);
            Assert.True(first > 0 && second > 0, $"seed {seed}: {first} and {second} rounds");
            // What the guest had in its frames when it wrote them out is what the disk has.
            Assert.True(machine.DiskContent.Slice(32 * 512, 512).SequenceEqual(memory.Slice(Buffer + 0x1000, 512)),
                $"seed {seed}");
            MachineState recorded = MachineState.Capture(machine);
            foreach (string replayer in (string[])["kvm", "managed"])
            {
                string? difference = recorded.FindDifference(MachineRunner.Replay(log, backend: OnKvm.Find(replayer)));
                Assert.True(difference is null, $"{scheduler} {seed}, replayed on {replayer}: {difference}");
            }
        }
    }

    private static void Write(Assembler code, ulong transfers)
    {
        Label next = code.CreateLabel(), busy = code.CreateLabel(), other = code.CreateLabel(), spin = code.CreateLabel();
        Label end = code.CreateLabel();
        const ulong Over = Duo.Done;
        code.StartBoth();
        code.mov(rbx, Counters);
        code.mov(r8, Over);
        code.test(rdi, rdi);
        code.jne(other);

        code.mov(r12, transfers);
        code.mov(r9, Request);
        code.Label(ref next);
        Action outer = code.Poll();
        // Reads all but the last sector, and at the end writes one.
        code.mov(__dword_ptr[r9], 0);
        code.mov(__dword_ptr[r9 + 4], Sectors - 1);
        code.mov(__qword_ptr[r9 + 8], 0);
        code.mov(rax, Buffer);
        code.mov(__qword_ptr[r9 + 16], rax);
        SubmitAndCount(code, busy, out Action inner);
        code.dec(r12);
        code.jne(next);
        code.mov(__dword_ptr[r9], 1);
        code.mov(__dword_ptr[r9 + 4], 1);
        code.mov(__qword_ptr[r9 + 8], 32);
        code.mov(rax, Buffer + 0x1000);
        code.mov(__qword_ptr[r9 + 16], rax);
        Label lastBusy = code.CreateLabel();
        SubmitAndCount(code, lastBusy, out Action last);
        code.mov(__qword_ptr[r8], 1);
        code.jmp(end);

        code.Label(ref other);
        code.nop();
        code.Label(ref spin);
        Action spinning = code.Poll();
        // Each round that a processor does at its speed, the managed machine does again at its own.
        code.pause();
        code.inc(__qword_ptr[rbx + 8]);
        code.cmp(__qword_ptr[r8], 0);
        code.je(spin);
        code.Label(ref end);
        code.Service(GuestPort.Exit);
        outer();
        inner();
        last();
        spinning();
    }

    /// <summary>Starts the transfer and counts in the frame that it fills until it is done; anything but success ends the
    /// vCPU with the status.</summary>
    private static void SubmitAndCount(Assembler code, Label busy, out Action trap)
    {
        Label done = code.CreateLabel();
        code.mov(__dword_ptr[r9 + 24], 0);
        code.Service(GuestPort.DiskSubmit, Request);
        code.Label(ref busy);
        trap = code.Poll();
        code.pause();
        code.inc(__qword_ptr[rbx]);
        code.mov(eax, __dword_ptr[r9 + 24]);
        code.test(eax, eax);
        code.je(busy);
        code.cmp(eax, 1);
        code.je(done);
        code.Service(GuestPort.Exit, 9);
        code.Label(ref done);
        code.nop();
    }
}
