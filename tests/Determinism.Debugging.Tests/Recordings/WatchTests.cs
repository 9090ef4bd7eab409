using Determinism.Emulation.History;
using Determinism.Machine;
using Determinism.X86;

namespace Determinism.Debugging.Tests.Recordings;

/// <summary>What reads and writes is watched as a read and as a write; what only stores is no read.</summary>
public class WatchTests
{
    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void Locked_updates_are_reads_and_writes(ClockKind clock)
    {
        using var history = new RecordedHistory(Recorded.Record("racy", 2, clock));
        ElfSymbol stack = history.Configuration.Image.Symbols.Single(symbol => symbol.Name == "stack");
        ElfSymbol counter = history.Configuration.Image.Symbols.Single(symbol => symbol.Name == "counter");

        HashSet<ulong> reads = HitsOf(history, DebugPointKind.ReadWatchpoint, stack), writes = HitsOf(history, DebugPointKind.WriteWatchpoint, stack);
        Assert.Equal(reads.Union(writes).Order(), HitsOf(history, DebugPointKind.AccessWatchpoint, stack).Order());
        Assert.NotEmpty(reads.Except(writes));
        ulong[] both = [.. reads.Intersect(writes)];
        Assert.Contains(both, step => Instruction(history, step).Contains("cmpxchg16b", StringComparison.OrdinalIgnoreCase));

        // A load, an addition in a register, a store.
        reads = HitsOf(history, DebugPointKind.ReadWatchpoint, counter);
        writes = HitsOf(history, DebugPointKind.WriteWatchpoint, counter);
        Assert.NotEmpty(writes.Except(reads));
        Assert.All(reads.Intersect(writes), step => Assert.DoesNotContain("mov", Instruction(history, step), StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The positions before the steps that a watchpoint stops behind.</summary>
    private static HashSet<ulong> HitsOf(RecordedHistory history, DebugPointKind kind, ElfSymbol variable)
    {
        history.Seek(0, CancellationToken.None);
        var target = new HistoryTarget(history);
        var request = new ResumeRequest { Points = [new DebugPoint(kind, variable.Address, variable.Bytes)] };
        var hits = new HashSet<ulong>();
        while (target.Resume(request, CancellationToken.None).Reason == DebugStopReason.Watchpoint)
            hits.Add(history.Position - 1);
        return hits;
    }

    private static string Instruction(RecordedHistory history, ulong step)
    {
        history.Seek(step, CancellationToken.None);
        var code = new byte[15];
        history.ReadMemory(history.NextAddress, code);
        return Disassembler.Line(code, history.NextAddress);
    }
}
