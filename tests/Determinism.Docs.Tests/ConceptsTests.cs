using Determinism.Conformance;
using Determinism.Log;

namespace Determinism.Docs.Tests;

public sealed class ConceptsTests
{
    [Fact]
    public void The_log_of_the_worked_example_is_the_one_that_is_shown()
    {
        MemoryEventLog log = Handover.Record(Handover.MakeMachine());
        string shown = Document.Read("docs/concepts.md").Blocks("text").Single(block => block.Text.Contains("event 1")).Text;
        string[] written = [.. Handover.Describe(log, 0), .. Handover.Describe(log, 1)];
        Assert.Equal(shown.Split('\n').Select(line => line.Trim()), written);
    }

    [Fact]
    public void The_worked_example_replays()
    {
        ScriptedMachine recorded = Handover.MakeMachine();
        MemoryEventLog log = Handover.Record(recorded);
        ScriptedMachine replayed = Handover.MakeMachine();
        Handover.Replay(replayed, log);
        byte[] expected = new byte[1 << 16], actual = new byte[1 << 16];
        recorded.ReadMemory(0, expected);
        replayed.ReadMemory(0, actual);
        Assert.Equal(42, expected[0x2000]);
        Assert.Equal(expected, actual);
    }
}
