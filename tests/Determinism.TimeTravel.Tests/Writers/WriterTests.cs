using Determinism.Emulation.History;
using Determinism.Machine;
using Determinism.TimeTravel.Tests.Histories;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.Writers;

/// <summary>Who wrote where, against an observer of all instructions and of the machine in a replay that knows no sequence.</summary>
public class WriterTests(ITestOutputHelper output)
{
    private const int Seed = 20261129;

    [Theory]
    [InlineData("racy", 2, ClockKind.RetiredInstructions)]
    [InlineData("racy", 4, ClockKind.SoftwareCounter)]
    [InlineData("devices", 2, ClockKind.RetiredInstructions)]
    [InlineData("devices", 3, ClockKind.SoftwareCounter)]
    [InlineData("radix", 2, ClockKind.SoftwareCounter)]
    public void Writers_are_those_that_an_observer_sees(string guest, int vcpus, ClockKind clock)
    {
        (Recorded recorded, WritesOfReplay observed, Random random) = Prepare(guest, vcpus, clock);
        StraightWalk walk = StraightWalk.Of(recorded, ulong.MaxValue);
        using var history = new RecordedHistory(recorded.Log);
        for (int round = 0; round < TestTier.Times(6, 60); round++)
        {
            (ulong address, ulong size) = Draw(observed, random);
            RecordedWrite[] found = [.. history.FindWriters(address, size)];
            Assert.Null(FindDifference(found, observed, address, size));
            // And each is a step's that is said to write there.
            Assert.All(found, one => Assert.Contains(walk.Accesses((int)one.Position), access => access.IsWrite
                && access.Address <= one.Address && one.Address < access.Address + access.Size));
            Assert.Equal(0UL, history.Position);
        }
    }

    [Theory]
    [InlineData("racy", 2, ClockKind.RetiredInstructions)]
    [InlineData("devices", 2, ClockKind.SoftwareCounter)]
    public void The_last_writer_and_the_positions_of_writes_are_right(string guest, int vcpus, ClockKind clock)
    {
        (Recorded recorded, WritesOfReplay observed, Random random) = Prepare(guest, vcpus, clock);
        using var history = new RecordedHistory(recorded.Log);
        history.Seek(ulong.MaxValue, CancellationToken.None);
        ulong end = history.Position;
        for (int round = 0; round < TestTier.Times(5, 40); round++)
        {
            (ulong address, ulong size) = Draw(observed, random);
            RecordedWrite[] all = [.. history.FindWriters(address, size)];
            // Behind one of them, or anywhere.
            ulong here = random.Next(2) == 0 && all.Length > 0 ? all[random.Next(all.Length)].Position + (ulong)random.Next(2) : (ulong)random.NextInt64((long)end + 1);
            history.Seek(here, CancellationToken.None);
            RecordedWrite? last = history.FindLastWriter(address, size);
            Assert.Equal(here, history.Position);
            RecordedWrite? expected = all.LastOrDefault(one => one.Position < here);
            Assert.Equal((expected?.Position, expected?.Agent, expected?.Instruction, expected?.Address), (last?.Position, last?.Agent, last?.Instruction, last?.Address));
            if (last is null)
                continue;
            Assert.Equal(expected!.After.ToArray(), last.After.ToArray());
            Assert.Equal(expected.Before.ToArray(), last.Before.ToArray());
            history.Seek(last.Position, CancellationToken.None);
            if (last.Instruction is not null)
                Assert.Equal((last.Agent + 1, last.Instruction), (history.NextThread, history.NextAddress));
            if (all.Count(one => one.Position == last.Position) == 1)
            {
                Assert.Equal(last.Before.ToArray(), Read(history, last));
                history.Seek(last.Position + 1, CancellationToken.None);
                Assert.Equal(last.After.ToArray(), Read(history, last));
            }
        }
    }

    /// <summary>Which mistakes the comparison finds.</summary>
    [Theory]
    [InlineData("DMA")]
    [InlineData("partial")]
    [InlineData("event")]
    [InlineData("content")]
    [InlineData("order")]
    public void A_planted_mistake_is_found(string mistake)
    {
        (Recorded recorded, WritesOfReplay observed, _) = Prepare("devices", 2, ClockKind.RetiredInstructions);
        using var history = new RecordedHistory(recorded.Log);
        // Where the disk writes sectors, from the middle of a word on; with what initialises it.
        MemoryAccess sector = observed.All.First(one => one.Agent >= recorded.Configuration.VcpuCount && one.Access.Size >= 512).Access;
        (ulong address, ulong size) = (sector.Address + 3, 100);
        if (mistake is "partial" or "order")
            (address, size) = FindContested(observed);
        RecordedWrite[] found = [.. history.FindWriters(address, size)];
        Assert.Null(FindDifference(found, observed, address, size));
        RecordedWrite[] bent = mistake switch
        {
            "DMA" => [.. found.Where(one => one.Agent < recorded.Configuration.VcpuCount)],
            "partial" => [.. found.Where(one => one.Address != address)],
            "event" => [.. found.Select((one, index) => index == found.Length / 2 ? one with { Event = one.Event + 1 } : one)],
            "content" => [.. found.Select((one, index) => index == found.Length / 2 ? one with { After = Flip(one.After) } : one)],
            _ => [found[1], found[0], .. found[2..]],
        };
        Assert.NotNull(FindDifference(bent, observed, address, size));
    }

    [Fact]
    public void What_is_not_there_is_refused()
    {
        Recorded recorded = Recorded.Make("racy", 2, ClockKind.RetiredInstructions, "managed", 1, 60, isShort: true);
        using var history = new RecordedHistory(recorded.Log);
        ulong memory = recorded.Configuration.MemoryBytes;
        Assert.Throws<ArgumentOutOfRangeException>(() => history.FindWriters(0x1000, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => history.FindWriters(memory, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => history.FindLastWriter(memory - 7, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => history.FindLastWriter(0, ulong.MaxValue));
        Assert.ThrowsAny<OperationCanceledException>(() => history.FindWriters(0x1000, 8, new CancellationToken(true)).ToList());
        Assert.Throws<ArgumentOutOfRangeException>(() => history.SeekEvent(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => history.SeekEvent(recorded.Configuration.Shape.AgentCount, 1));
    }

    [Theory]
    [InlineData("racy", 2, ClockKind.SoftwareCounter)]
    [InlineData("devices", 2, ClockKind.RetiredInstructions)]
    public void An_event_is_gone_to_at_the_first_position_behind_it(string guest, int vcpus, ClockKind clock)
    {
        (Recorded recorded, _, Random random) = Prepare(guest, vcpus, clock);
        using var history = new RecordedHistory(recorded.Log);
        history.Seek(ulong.MaxValue, CancellationToken.None);
        using var straight = new RecordedHistory(recorded.Log);
        for (int round = 0; round < TestTier.Times(8, 60); round++)
        {
            int agent = random.Next(recorded.Events.Length);
            ulong number = (ulong)random.NextInt64((long)recorded.Events[agent] + 1);
            history.SeekEvent(agent, number);
            Assert.True(history.CompletedEvents(agent) >= number);
            if (history.Position == 0)
                continue;
            straight.Seek(history.Position - 1, CancellationToken.None);
            Assert.True(straight.CompletedEvents(agent) < number, $"Event {number} of agent {agent} is there before {history.Position}.");
        }
    }

    private (Recorded Recorded, WritesOfReplay Observed, Random Random) Prepare(string guest, int vcpus, ClockKind clock)
    {
        int seed = Seed + (1000 * vcpus) + (100 * (int)clock) + guest.Length;
        var random = new Random(seed);
        Recorded recorded = Recorded.Make(guest, vcpus, clock, "managed", seed, random.Next(20, 60), isShort: true);
        WritesOfReplay observed = WritesOfReplay.Of(recorded);
        output.WriteLine($"seed {seed}: {observed.All.Count} writes, {observed.All.Count(one => one.Agent >= vcpus)} of devices, "
            + $"{recorded.Cuts.Checkpoints.All.Count} checkpoints");
        return (recorded, observed, random);
    }

    /// <summary>Bytes around a write, in one frame: across frames, nothing orders two agents.</summary>
    private static (ulong Address, ulong Size) Draw(WritesOfReplay observed, Random random)
    {
        MemoryAccess access = observed.All[random.Next(observed.All.Count)].Access;
        const ulong Page = 4096;
        ulong frame = access.Address / Page * Page;
        ulong first = Math.Max(frame, access.Address - (ulong)random.Next(0, 9) + (ulong)random.Next(0, (int)Math.Min(access.Size, 16)));
        return (first, Math.Min((ulong)random.Next(1, 40), frame + Page - first));
    }

    /// <summary>Bytes that two different agents write one after the other, at least one of them also bytes before.</summary>
    private static (ulong Address, ulong Size) FindContested(WritesOfReplay observed)
    {
        foreach (IGrouping<ulong, ObservedWrite> word in observed.All.Where(one => one.Access.Size == 8).GroupBy(one => one.Access.Address))
        {
            ObservedWrite[] all = [.. observed.All.Where(one => Overlap(one.Access, word.Key + 2, 4) is not null)];
            if (all.Length > 2 && (all[0].Agent, all[0].Instruction) != (all[1].Agent, all[1].Instruction))
                return (word.Key + 2, 4);
        }
        throw new InvalidOperationException("Nobody shares a word.");
    }

    private static string? FindDifference(RecordedWrite[] found, WritesOfReplay observed, ulong address, ulong size)
    {
        ObservedWrite[] expected = [.. observed.All.Where(one => Overlap(one.Access, address, size) is not null)];
        if (found.Length != expected.Length)
            return $"{found.Length} writers of 0x{address:x}, {size} bytes, instead of {expected.Length}";
        var content = new byte?[size];
        ulong position = 0;
        for (int index = 0; index < found.Length; index++)
        {
            RecordedWrite one = found[index];
            ObservedWrite seen = expected[index];
            (ulong first, int length) = Overlap(seen.Access, address, size)!.Value;
            if ((one.Agent, one.Instruction, one.Event, one.Address, one.Before.Length, one.After.Length) != (seen.Agent, seen.Instruction, seen.Event, first, length, length))
                return $"writer {index} is {one} instead of {seen}";
            for (int at = 0; at < length; at++)
            {
                int place = (int)(first - address) + at;
                if (content[place] is { } known && known != one.Before.Span[at])
                    return $"writer {index}: what {index - 1} left is not there any more";
                content[place] = one.After.Span[at];
                int shift = (int)(first - seen.Access.Address) + at;
                if (seen.After is { } after && shift < 16 && (byte)(after >> (8 * shift)) != one.After.Span[at])
                    return $"writer {index} left something else";
            }
            if (one.Position < position)
                return $"writer {index} comes before the one before it";
            position = one.Position;
        }
        for (int place = 0; place < content.Length; place++)
        {
            if (content[place] is { } last && last != observed.Memory[(int)address + place])
                return "what the last one left is not there at the end";
        }
        return null;
    }

    private static (ulong First, int Length)? Overlap(MemoryAccess access, ulong address, ulong size)
    {
        ulong first = Math.Max(address, access.Address), end = Math.Min(address + size, access.Address + access.Size);
        return first < end ? (first, (int)(end - first)) : null;
    }

    private static byte[] Flip(ReadOnlyMemory<byte> content)
    {
        byte[] flipped = content.ToArray();
        flipped[^1] ^= 1;
        return flipped;
    }

    private static byte[] Read(RecordedHistory history, RecordedWrite write)
    {
        var content = new byte[write.After.Length];
        history.ReadMemory(write.Address, content);
        return content;
    }
}
