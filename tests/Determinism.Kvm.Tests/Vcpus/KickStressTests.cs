using Determinism.Kvm.Vcpus;

namespace Determinism.Kvm.Tests.Vcpus;

/// <summary>Kicks to vCPUs that come and go: none is lost, none hits another thread, whoever runs the vCPU.</summary>
public class KickStressTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // inc rax; out 0x11, al; jmp back to the start.
    private static readonly byte[] s_comeAndGo = [0x48, 0xFF, 0xC0, 0xE6, 0x11, 0xEB, 0xF9];

    [SkippableFact]
    public void Kicks_to_a_vcpu_that_comes_and_goes_end_entries_and_lose_no_instruction()
    {
        OnKvm.Need();
        int seed = 1;
        int kicks = TestTier.Times(2_000, 40_000);
        using var bare = new BareVcpu();
        bare.Load(s_comeAndGo);
        bool isOver = false;
        long services = 0, interruptions = 0;
        Thread runner = Start(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                VcpuExit exit = bare.Vcpu.Run();
                if (exit.Kind == VcpuExitKind.Host)
                    interruptions++;
                else if (exit == new VcpuExit(VcpuExitKind.Port, Port: 0x11))
                    Interlocked.Increment(ref services);
            }
        });
        bool[] isAnswered = [true, true];
        Thread[] kickers = [.. Enumerable.Range(0, 2).Select(number => Start(() =>
        {
            var random = new Random(seed + number);
            for (int kick = 0; kick < kicks && isAnswered[number]; kick++)
            {
                isAnswered[number] = bare.Vcpu.Thread.WaitUntilOutside(s_patience);
                Thread.SpinWait(random.Next(2_000));
            }
        }))];
        foreach (Thread kicker in kickers)
            kicker.Join();
        // Signals that have served are gone: it comes and goes undisturbed.
        long before = Interlocked.Read(ref services);
        Assert.True(SpinWait.SpinUntil(() => Interlocked.Read(ref services) > before + 100, s_patience),
            $"seed {seed}: the vCPU never enters again");
        Volatile.Write(ref isOver, true);
        Assert.True(runner.Join(s_patience), $"seed {seed}: the vCPU does not come out");
        Assert.True(isAnswered[0] && isAnswered[1], $"seed {seed}: a kick was lost");
        Assert.True(services > 0 && interruptions > 0, $"seed {seed}: {services} services, {interruptions} interruptions");
        // Every increment has had its OUT, but perhaps the last.
        Assert.InRange(bare.Vcpu.Registers.Gpr[0] - (ulong)services, 0UL, 1UL);
    }

    [SkippableFact]
    public void Who_runs_the_vcpu_next_is_kicked_itself_also_with_the_number_of_a_thread_that_is_gone()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        bare.Load(0xEB, 0xFE);
        var numbers = new HashSet<int>();
        for (int run = 0; run < 200; run++)
        {
            bool isSeen = false;
            Thread? runner = Start(() =>
            {
                Volatile.Write(ref isSeen, !numbers.Add(Environment.CurrentManagedThreadId));
                bare.Vcpu.Run();
            });
            Assert.True(SpinWait.SpinUntil(() => bare.Vcpu.Thread.IsInside, s_patience));
            Assert.True(bare.Vcpu.Thread.WaitUntilOutside(s_patience), $"run {run} was not kicked");
            Assert.True(runner.Join(s_patience));
            if (isSeen)
                return;
            // The runtime gives a number away again when the thread's object is gone.
            runner = null;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Fail("No number of a thread came again.");
    }

    [SkippableFact]
    public void A_vcpu_that_is_expelled_before_it_enters_keeps_the_registers_that_it_was_given()
    {
        OnKvm.Need();
        using var bare = new BareVcpu();
        bare.Load(s_comeAndGo);
        bare.Vcpu.Registers.Gpr[9] = 99;
        bare.Vcpu.Thread.Expel();
        Assert.Equal(VcpuExitKind.Host, bare.Vcpu.Run().Kind);
        Assert.Equal(99UL, bare.Vcpu.Registers.Gpr[9]);
        Assert.Equal(BareVcpu.Code, bare.Vcpu.Registers.Rip);
    }

    [SkippableFact]
    public void An_expulsion_at_any_instant_is_the_last_exit()
    {
        OnKvm.Need();
        int seed = 7;
        var random = new Random(seed);
        for (int round = 0; round < TestTier.Times(40, 1000); round++)
        {
            using var bare = new BareVcpu();
            bare.Load(round % 2 == 0 ? s_comeAndGo : [0xEB, 0xFE]);
            int lastExits = 0;
            Thread runner = Start(() =>
            {
                while (lastExits < 3)
                    lastExits = bare.Vcpu.Run().Kind == VcpuExitKind.Host ? lastExits + 1 : 0;
            });
            Thread.SpinWait(random.Next(20_000));
            bare.Vcpu.Thread.Expel();
            Assert.True(runner.Join(s_patience), $"seed {seed}, round {round}: the vCPU does not come out");
            Assert.False(bare.Vcpu.Thread.IsInside);
        }
    }

    [SkippableFact]
    public void Waiting_for_a_vcpu_that_does_not_come_out_ends_and_says_so()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Signals are Linux's.");
        // Nobody enters the kernel here: it only looks as if.
        var thread = new VcpuThread(OnKvm.Options.KickSignal);
        Assert.True(thread.WaitUntilOutside(TimeSpan.Zero));
        Assert.True(thread.TryEnter());
        Assert.True(thread.IsInside);
        Assert.False(thread.WaitUntilOutside(TimeSpan.FromMilliseconds(20)));
        thread.Leave();
        Assert.True(thread.WaitUntilOutside(TimeSpan.Zero));
        thread.Expel();
        Assert.False(thread.TryEnter());
        Assert.False(thread.IsInside);
    }

    /// <summary>In the background, so that a vCPU that stays inside fails a test and does not keep the process.</summary>
    private static Thread Start(ThreadStart body)
    {
        var thread = new Thread(body) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
