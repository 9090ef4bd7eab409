using Determinism.Kvm.Vcpus;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests.Vcpus;

/// <summary>Vcpus that do not come out by themselves are fetched, and no other thread ever gets the signal.</summary>
public class KickTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [SkippableTheory]
    [InlineData(ClockKind.None)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void A_guest_that_spins_without_a_poll_ends_when_its_session_is_cancelled(ClockKind clock)
    {
        OnKvm.Need();
        MachineConfiguration configuration = AssembledGuest.Configure(2, clock, code =>
        {
            code.StartBoth();
            Label loop = code.CreateLabel();
            code.Label(ref loop);
            code.inc(rax);
            code.jmp(loop);
        });
        using GuestMachine machine = MachineRunner.NewMachine(configuration, OnKvm.Backend);
        using UnrecordedSession session = MachineRuns.StartUnrecorded(machine);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Task run = Task.Run(() => machine.Run(session, cancellation.Token));
        Assert.True(Task.WaitAny([run], s_patience) == 0, "The guest was not stopped.");
        Assert.IsAssignableFrom<OperationCanceledException>(run.Exception!.InnerException);
    }

    [SkippableFact]
    public void No_signal_is_lost_and_none_hits_anybody_else()
    {
        OnKvm.Need();
        const int Rounds = 300;
        using var bare = new BareVcpu();
        // Spins for ever: only signals end its runs.
        bare.Load(0xEB, 0xFE);
        bool isOver = false;
        var runner = new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
                Assert.Equal(VcpuExitKind.Host, bare.Vcpu.Run().Kind);
            Volatile.Write(ref isOver, true);
        });
        runner.Start();
        var random = new Random(5);
        while (!Volatile.Read(ref isOver))
        {
            Assert.True(bare.Vcpu.Thread.WaitUntilOutside(s_patience));
            Thread.SpinWait(random.Next(20_000));
        }
        Assert.True(runner.Join(s_patience));
        // Its thread has ended: there is nobody to signal.
        bare.Vcpu.Thread.Expel();
        Assert.False(bare.Vcpu.Thread.IsInside);
        // Expelled is expelled: it does not enter again.
        Assert.Equal(VcpuExitKind.Host, bare.Vcpu.Run().Kind);
    }

    [SkippableFact]
    public void Who_waits_for_a_vcpu_to_come_out_makes_it_come_out()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        bare.Load(0xEB, 0xFE);
        Assert.True(bare.Vcpu.Thread.WaitUntilOutside(TimeSpan.Zero));
        var runner = new Thread(() => bare.Vcpu.Run());
        runner.Start();
        Assert.True(SpinWait.SpinUntil(() => bare.Vcpu.Thread.IsInside, s_patience));
        Assert.True(bare.Vcpu.Thread.WaitUntilOutside(s_patience));
        Assert.True(runner.Join(s_patience));
    }
}
