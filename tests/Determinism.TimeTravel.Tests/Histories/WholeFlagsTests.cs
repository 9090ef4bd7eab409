using System.IO.Hashing;
using System.Runtime.InteropServices;
using Determinism.Debugging;
using Determinism.Emulation.History;
using Determinism.TimeTravel.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.TimeTravel.Tests.Histories;

/// <summary>From each checkpoint on, every register of every vCPU is at each instruction what it is in a straight replay: all flags
/// too, those included that no digest of the software counter has.</summary>
public class WholeFlagsTests(ITestOutputHelper output)
{
    private const int Seed = 20261129;

    [Theory]
    [InlineData("racy", 2, ClockKind.RetiredInstructions)]
    [InlineData("racy", 2, ClockKind.SoftwareCounter)]
    [InlineData("racy", 4, ClockKind.SoftwareCounter)]
    [InlineData("devices", 2, ClockKind.SoftwareCounter)]
    [InlineData("radix", 2, ClockKind.SoftwareCounter)]
    public void Registers_from_a_checkpoint_are_those_of_a_straight_replay(string guest, int vcpus, ClockKind clock)
    {
        Recorded recorded = Recorded.Make(guest, vcpus, clock, "managed", Seed, 30, isShort: true);
        Assert.Null(FindDifference(recorded));
    }

    /// <summary>With the software counter no flag is alive where a checkpoint is made (services clear them all), and digests leave them
    /// out: nothing else would find that.</summary>
    [Fact]
    public void Flags_that_a_checkpoint_gets_wrong_are_found() => Assert.NotNull(FindDifference(Recorded.Make("racy", 2,
        ClockKind.SoftwareCounter, "managed", Seed, 30, static inner => new Forgetful(inner, Forgetful.WithOtherFlags), isShort: true)));

    private string? FindDifference(Recorded recorded)
    {
        List<ulong> straight = Walk(recorded, ulong.MaxValue);
        using var history = new RecordedHistory(recorded.Log);
        history.Seek(ulong.MaxValue, CancellationToken.None);
        int pieces = 0;
        for (ulong end = history.Position; end > 0; pieces++)
        {
            ulong start = history.CheckpointBefore(end);
            history.Seek(start, CancellationToken.None);
            var walk = new Registers(history);
            history.Advance(end, walk, CancellationToken.None);
            for (int step = 0; step < walk.Digests.Count; step++)
            {
                if (straight[(int)start + step] != walk.Digests[step])
                    return $"From {start}, registers differ at {start + (ulong)step}.";
            }
            end = start;
        }
        output.WriteLine($"{straight.Count} positions, {pieces} pieces");
        Assert.True(pieces > 1);
        return null;
    }

    private static List<ulong> Walk(Recorded recorded, ulong limit)
    {
        using var history = new RecordedHistory(recorded.Log);
        var walk = new Registers(history);
        history.Advance(limit, walk, CancellationToken.None);
        return walk.Digests;
    }

    private static ulong Digest(RecordedHistory history)
    {
        var hash = new XxHash3();
        for (int vcpu = 0; vcpu < history.Configuration.VcpuCount; vcpu++)
            hash.Append(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref history.Machine.Processors.Registers(vcpu), 1)));
        return hash.GetCurrentHashAsUInt64();
    }

    private sealed class Registers(RecordedHistory history) : IHistoryObserver
    {
        public List<ulong> Digests { get; } = [Digest(history)];

        public bool Taken(in HistoryStep step)
        {
            Digests.Add(Digest(history));
            return false;
        }
    }
}
