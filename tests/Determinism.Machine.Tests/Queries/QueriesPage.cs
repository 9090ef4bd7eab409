using Determinism.Checkpoints;
using Determinism.Emulation;
using Determinism.Emulation.History;
using Determinism.Log;
using Determinism.Queries;

namespace Determinism.Machine.Tests.Queries;

/// <summary>The code of docs/queries.md.</summary>
public class QueriesPage
{
    [Fact]
    public void The_pages_code_says_what_it_says()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.RetiredInstructions) with { Parameters = [60, 8] };
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineRunner.Record(configuration, MachineRunner.MakeScheduler("chaos", 2), log);
        ElfSymbol counter = configuration.Image.Symbols.Single(symbol => symbol.Name == "counter");
        using var output = new StringWriter();

        List<RecordedWrite> writes = AskWho(log, counter, output);
        AskWhen(log, configuration, counter, writes, output);
        AskState(log, counter, writes[^1], output);

        string[] said = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("work+0x", said[0], StringComparison.Ordinal);
        Assert.True(said.Length > writes.Count + 3);
        Assert.EndsWith($"counter {BitConverter.ToUInt64(writes[^1].After.Span)}", said[^1], StringComparison.Ordinal);
    }

    private static List<RecordedWrite> AskWho(IEventLogReader log, ElfSymbol counter, TextWriter output)
    {
        var writes = new List<RecordedWrite>();
        using var history = new RecordedHistory(log);
        foreach (RecordedWrite write in history.FindWriters(counter.Address, counter.Bytes))
        {
            writes.Add(write);
            output.WriteLine($"agent {write.Agent} at {history.Configuration.Image.NameOf(write.Instruction ?? 0)}, after its event {write.Event}");
        }
        history.Seek(writes[^1].Position, CancellationToken.None);
        RecordedWrite? before = history.FindLastWriter(counter.Address, counter.Bytes);
        Assert.Equal(writes[^2].Position, before!.Position);
        return writes;
    }

    private static void AskWhen(IEventLogReader log, MachineConfiguration machine, ElfSymbol counter, List<RecordedWrite> writes, TextWriter output)
    {
        var queries = new LogQueries(log);
        ulong frame = machine.Shape.FrameOf(counter.Address);
        foreach (OwnershipChange change in queries.OwnershipHistory(frame))
            output.WriteLine($"{change.Event}: agent {change.Event.Agent} from {change.OldRight} to {change.NewRight}");

        var last = new EventReference(writes[^1].Agent, writes[^1].Event);
        IReadOnlyList<ulong> past = queries.EventsBefore(last);
        output.WriteLine($"before {last}: {string.Join(", ", past)}; rights then: {string.Join(", ", queries.RightsAt(frame, past))}");
        if (queries.FindOrder(new EventReference(0, 1), last) is { } chain)
            output.WriteLine(string.Join(" comes before ", chain));
        Assert.Equal(AccessRight.ReadWrite, queries.RightsAt(frame, past)[last.Agent]);
    }

    private static void AskState(IEventLogReader log, ElfSymbol counter, RecordedWrite write, TextWriter output)
    {
        using var travel = new TimeTravel(log, new ManagedBackend(), TimeProvider.System);
        travel.GoToEvent(write.Agent, write.Event);
        output.WriteLine($"{travel.Here}: vCPU 0 at 0x{travel.Registers(0).Rip:x}");

        using var history = new RecordedHistory(log);
        history.Seek(write.Position + 1, CancellationToken.None);
        var value = new byte[counter.Bytes];
        history.ReadMemory(counter.Address, value);
        output.WriteLine($"counter {BitConverter.ToUInt64(value)}");
    }
}
