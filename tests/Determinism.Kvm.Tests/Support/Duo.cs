using Determinism.Log;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests;

/// <summary>Small guests of two vCPUs, recorded on one backend and replayed on both.</summary>
internal static class Duo
{
    /// <summary>A word that both count up when they are done.</summary>
    public const ulong Done = AssembledGuest.Data + 0xF000;

    /// <summary>Starts vCPU 1 where vCPU 0 goes on: RDI has the vCPU's number.</summary>
    public static void StartBoth(this Assembler code)
    {
        Label both = code.CreateLabel();
        code.StartVcpu(1, both);
        code.mov(rdi, 0UL);
        code.Label(ref both);
        code.nop();
    }

    /// <summary>Ends both; vCPU 0 with a word's difference from what it should be.</summary>
    public static void EndBoth(this Assembler code, ulong word, ulong expected)
    {
        Label wait = code.CreateLabel(), end = code.CreateLabel();
        code.mov(rbx, Done);
        code.@lock.inc(__qword_ptr[rbx]);
        code.mov(rdi, 0UL);
        code.cmp(__dword_ptr.gs[24], 0);
        code.jne(end);
        code.Label(ref wait);
        Action trap = code.Poll();
        code.cmp(__qword_ptr[rbx], 2);
        code.jb(wait);
        code.mov(rax, word);
        code.mov(rdi, __qword_ptr[rax]);
        code.mov(rax, expected);
        code.sub(rdi, rax);
        code.Label(ref end);
        code.@out((byte)GuestPort.Exit, al);
        trap();
    }

    /// <summary>Records and replays, and demands the same bits.</summary>
    public static long RecordAndReplay(string recorder, string scheduler, ulong seed, Action<Assembler> write)
    {
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.SoftwareCounter, write);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        Recording.RecordingSession? session = null;
        MachineState recorded = MachineRunner.Record(configuration, MachineRunner.MakeScheduler(scheduler, 2, seed), log,
            made => session = made, backend: OnKvm.Find(recorder));
        foreach (string replayer in (string[])["kvm", "managed"])
        {
            string? difference = recorded.FindDifference(MachineRunner.Replay(log, backend: OnKvm.Find(replayer)));
            Assert.True(difference is null, $"{scheduler} {seed}, recorded on {recorder}, replayed on {replayer}: {difference}");
        }
        return session!.Statistics.EventCount;
    }
}
