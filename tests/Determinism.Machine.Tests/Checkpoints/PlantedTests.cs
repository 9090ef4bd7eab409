using System.Buffers;
using Determinism.Checkpoints;
using Determinism.Log;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>Which mistakes the tests of this folder find: each is made on purpose.</summary>
public class PlantedTests
{
    [Theory]
    [InlineData(nameof(Plant.ForgetPiece), ClockKind.RetiredInstructions)]
    [InlineData(nameof(Plant.ForgetPiece), ClockKind.SoftwareCounter)]
    [InlineData(nameof(Plant.CheckpointEventOffByOne), ClockKind.RetiredInstructions)]
    [InlineData(nameof(Plant.CheckpointEventOffByOne), ClockKind.SoftwareCounter)]
    [InlineData(nameof(Plant.DoNotStand), ClockKind.RetiredInstructions)]
    [InlineData(nameof(Plant.DoNotStand), ClockKind.SoftwareCounter)]
    public void A_wrong_checkpoint_is_found(string plant, ClockKind clock) => AssertFound(plant, clock,
        (configuration, log) => CheckpointRunner.Record(configuration, log, "parallel", 1, 50, plant: Enum.Parse<Plant>(plant)));

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void A_stale_register_is_found(ClockKind clock) => AssertFound("a stale register", clock,
        (configuration, log) => CheckpointRunner.Record(
            configuration, log, "parallel", 1, 50, wrap: inner => new StaleRegister(inner, configuration.Disk.Length)));

    [Fact]
    public void A_right_that_is_missing_is_found() => AssertFound("a missing right", ClockKind.SoftwareCounter, (configuration, log) =>
    {
        var whole = new MemoryEventLog(log.StreamCount);
        MachineState end = CheckpointRunner.Record(configuration, whole, "parallel", 1, 50);
        LogEdits.Copy(whole, log, static content => content with
        {
            Agents = [content.Agents[0] with { Rights = [.. content.Agents[0].Rights.Skip(1)] }, .. content.Agents[1..]],
        });
        return end;
    });

    [Fact]
    public void A_digest_that_is_not_the_agents_is_found() => AssertFound("another digest", ClockKind.SoftwareCounter, (configuration, log) =>
    {
        var whole = new MemoryEventLog(log.StreamCount);
        MachineState end = CheckpointRunner.Record(configuration, whole, "parallel", 1, 50);
        LogEdits.Copy(whole, log, static content => content with
        {
            Agents = [content.Agents[0] with { Progress = content.Agents[0].Progress with { Digest = 1 } }, .. content.Agents[1..]],
        });
        return end;
    });

    [Fact]
    public void Without_any_of_that_nothing_is_found()
    {
        MachineConfiguration configuration = MachineRunner.Configure("racy", 2, ClockKind.SoftwareCounter);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState end = CheckpointRunner.Record(configuration, log, "parallel", 1, 50);
        var copy = new MemoryEventLog(log.StreamCount);
        LogEdits.Copy(log, copy, static content => content);
        Assert.Null(FindFault(copy, end));
    }

    private static void AssertFound(string what, ClockKind clock, Func<MachineConfiguration, MemoryEventLog, MachineState> record)
    {
        for (int round = 0; round < 40; round++)
        {
            MachineConfiguration configuration = MachineRunner.Configure("racy", 2, clock);
            var log = new MemoryEventLog(configuration.Shape.AgentCount);
            if (FindFault(log, record(configuration, log)) is not null)
                return;
        }
        Assert.Fail($"{what} was not found in 40 recordings.");
    }

    private static string? FindFault(MemoryEventLog log, MachineState end)
    {
        try
        {
            foreach (Checkpoint one in LogCheckpoints.ReadFrom(log).All)
            {
                if (CheckpointRunner.FindOpenEvent(log, one.Cut) is { } open)
                    return open;
                if (end.FindDifference(CheckpointRunner.Replay(log, one)) is { } other)
                    return other;
                using var straight = new StoppedReplay(log, one.Cut);
                using var restored = new StoppedReplay(log, one.Cut, one);
                if (straight.FindDifference(restored) is { } difference)
                    return difference;
            }
            return null;
        }
        catch (DeterminismException error)
        {
            return error.Message;
        }
    }

    /// <summary>Saves a register as it was at the checkpoint before.</summary>
    private sealed class StaleRegister(ICheckpointState inner, int diskBytes) : ICheckpointState
    {
        // Behind the disk: version and number of vCPUs that run, then RAX to RDI.
        private readonly int _rdi = diskBytes + 8 + (7 * sizeof(ulong));
        private byte[]? _stale;

        public void Save(IBufferWriter<byte> destination)
        {
            var buffer = new ArrayBufferWriter<byte>();
            inner.Save(buffer);
            byte[] state = buffer.WrittenSpan.ToArray();
            byte[] now = state[_rdi..(_rdi + sizeof(ulong))];
            _stale?.CopyTo(state, _rdi);
            _stale = now;
            destination.Write(state);
        }

        public void Load(ReadOnlySpan<byte> state) => inner.Load(state);
    }
}
