namespace Determinism.Emulation.Tests;

/// <summary>However a program is interrupted, it does the same.</summary>
public class ExactnessTests
{
    public static TheoryData<int> Seeds
    {
        get
        {
            var seeds = new TheoryData<int>();
            for (var seed = 0; seed < 100; seed++)
                seeds.Add(seed);
            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Running_in_steps_of_any_size_gives_the_same_state_and_count_as_one_run(int seed)
    {
        using var whole = Create(seed);
        whole.RunToEnd();
        using var steps = Create(seed);
        var random = new Random(seed);
        while (true)
        {
            var stopAt = steps.Processor.Count + (ulong)random.Next(1, random.Next(2) == 0 ? 4 : 200);
            var exit = steps.Processor.Run(stopAt);
            if (exit.Reason == ProcessorExitReason.PortOut)
                break;
            Assert.Equal(ProcessorExitReason.Stopped, exit.Reason);
            Assert.Equal(stopAt, steps.Processor.Count);
        }

        AssertSame(whole, steps, seed);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_intermediate_state_is_the_same_whether_reached_by_single_steps_or_at_once(int seed)
    {
        using var single = Create(seed);
        using var probe = Create(seed);
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var stopAt = probe.Processor.Count + (ulong)random.Next(1, 100);
            var exit = probe.Processor.Run(stopAt);
            while (single.Processor.Count < probe.Processor.Count)
            {
                var count = single.Processor.Count;
                single.Processor.Run(count + 1);
                Assert.Equal(count + 1, single.Processor.Count);
            }

            AssertSame(single, probe, seed);
            if (exit.Reason == ProcessorExitReason.PortOut)
                return;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rights_that_come_and_go_change_nothing(int seed)
    {
        using var whole = Create(seed);
        whole.RunToEnd();
        using var faulting = Create(seed);
        faulting.Processor.SetAllRights(AccessRight.None);
        var random = new Random(seed);
        var faults = 0;
        while (true)
        {
            var before = faulting.Processor.Count;
            var exit = faulting.Processor.Run(before + (ulong)random.Next(1, 300));
            if (exit.Reason == ProcessorExitReason.PortOut)
                break;
            if (random.Next(3) == 0)
                faulting.Processor.SetRight((ulong)random.Next((int)(Guest.Bytes >> 12)), (AccessRight)random.Next(2));
            if (random.Next(6) == 0)
                faulting.Processor.SetRight((Guest.Data >> 12) + (ulong)random.Next(3), (AccessRight)random.Next(2));
            if (exit.Reason != ProcessorExitReason.Fault)
                continue;
            Assert.True(++faults < 100_000);
            var access = exit.Access;
            for (var frame = access.Address >> 12; frame <= (access.Address + access.Size - 1) >> 12; frame++)
            {
                if (faulting.Processor.GetRight(frame) < access.Right)
                    faulting.Processor.SetRight(frame, access.Right);
            }
        }

        Assert.True(faults > 2);
        AssertSame(whole, faulting, seed);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(30)]
    public void The_page_size_changes_nothing(int pageShift)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            using var whole = Create(seed);
            whole.RunToEnd();
            using var other = Create(seed, pageShift);
            other.RunToEnd();
            AssertSame(whole, other, seed);
        }
    }

    [Fact]
    public void Stopping_at_the_present_count_does_nothing()
    {
        using var guest = Create(1);
        guest.Processor.Run(17);
        var before = guest.State();
        Assert.Equal(ProcessorExitReason.Stopped, guest.Processor.Run(17).Reason);
        Assert.Equal(before, guest.State());
        Assert.Throws<ArgumentOutOfRangeException>(() => guest.Processor.Run(16));
    }

    private static Guest Create(int seed, int pageShift = 12)
    {
        var guest = new Guest(a => RandomProgram.Emit(a, seed), pageShift);
        guest.Word(0x50008) = (ulong)(seed % 7 == 0 ? 3 : 1000);
        new Random(seed).NextBytes(guest.Span.Slice((int)Guest.Data, RandomProgram.DataBytes));
        return guest;
    }

    private static void AssertSame(Guest expected, Guest actual, int seed)
    {
        Assert.True(expected.Processor.Count == actual.Processor.Count,
            $"Seed {seed}: count {expected.Processor.Count} and {actual.Processor.Count}.");
        Assert.True(expected.State().AsSpan().SequenceEqual(actual.State()),
            $"Seed {seed}: states differ at count {actual.Processor.Count}, RIP 0x{actual.Registers.Rip:x} and 0x{expected.Registers.Rip:x}.");
    }
}
