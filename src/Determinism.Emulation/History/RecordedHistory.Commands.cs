using System.Globalization;
using System.Text;
using Determinism.Debugging;

namespace Determinism.Emulation.History;

/// <content>What a debugger's user asks beyond what a debugger knows.</content>
public sealed partial class RecordedHistory
{
    /// <summary>Commands of <c>monitor</c> about this recording.</summary>
    public IReadOnlyList<MonitorCommand> Commands =>
    [
        new MonitorCommand("points", "says where each agent of the recording is: event and point", (_, _) => DescribePoints()),
        new MonitorCommand("seek-event", "AGENT N: goes to the first state after event N of an agent", SeekEvent),
        new MonitorCommand("last-writer", "ADDRESS [BYTES]: says which step before here was the last to write there", DescribeLastWriter),
    ];

    /// <summary>Finds who wrote to memory last before the present position.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="size">Number of bytes, at least 1.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The position before the step that wrote, its thread, and its instruction's address; null if nobody did.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="DebugTargetException">The replay failed.</exception>
    public (ulong Position, int Thread, ulong Address)? FindLastWriter(ulong address, ulong size, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(size);
        // Another replay looks, and this one stays where it is.
        using var past = new RecordedHistory(this);
        for (ulong end = Position; end > 0;)
        {
            ulong start = past.CheckpointBefore(end);
            past.Seek(start, cancellationToken);
            var watch = new WriterWatch(past, new DebugPoint(DebugPointKind.WriteWatchpoint, address, size));
            past.Advance(end, watch, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (watch.Last is not null)
                return watch.Last;
            end = start;
        }
        return null;
    }

    private string DescribePoints()
    {
        var text = new StringBuilder();
        for (int agent = 0; agent < _configuration.Shape.AgentCount; agent++)
        {
            string place = agent < _configuration.VcpuCount
                ? $"vCPU {agent} at {_configuration.Image.NameOf(Processors.Registers(agent).Rip)}, {Processors.ReadPoint(agent)}"
                : $"agent {agent}";
            text.Append(CultureInfo.InvariantCulture, $"{place}, after event {_replay.Session.Agent(agent).CompletedEvents}\n");
        }
        return text.ToString();
    }

    private string SeekEvent(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        if (words.Count != 2 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int agent)
            || agent >= _configuration.Shape.AgentCount
            || !ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return "Which event? The number of an agent, and that of its event.\n";
        if (_replay.Session.Agent(agent).CompletedEvents >= number)
            Seek(0, cancellationToken);
        if (_replay.Session.Agent(agent).CompletedEvents < number)
            Advance(ulong.MaxValue, new EventWatch(this, agent, number), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return $"After step {Position}.\n" + DescribePoints();
    }

    private string DescribeLastWriter(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        ulong size = 1;
        if (words.Count is < 1 or > 2 || !TryParse(words[0], out ulong address) || (words.Count == 2 && !TryParse(words[1], out size))
            || size == 0 || address + (size - 1) < address)
            return "Whose writer? An address, and a number of bytes if it is not one.\n";
        return FindLastWriter(address, size, cancellationToken) is { } writer
            ? string.Create(CultureInfo.InvariantCulture,
                $"Thread {writer.Thread} at {_configuration.Image.NameOf(writer.Address)} (0x{writer.Address:x}); \"monitor seek {writer.Position}\" goes there.\n")
            : "Nobody has written there.\n";
    }

    private static bool TryParse(string word, out ulong value) => word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private sealed class WriterWatch(RecordedHistory history, DebugPoint point) : IHistoryObserver
    {
        private ulong _position = history.Position;
        private ulong _address = history.NextAddress;

        public (ulong Position, int Thread, ulong Address)? Last { get; private set; }

        public bool Taken(in HistoryStep step)
        {
            foreach (HistoryAccess access in step.Accesses)
            {
                if (point.Watches(access.Address, access.Size, access.IsWrite))
                    Last = (_position, step.Thread, _address);
            }
            _position = history.Position;
            _address = history.NextAddress;
            return false;
        }
    }

    private sealed class EventWatch(RecordedHistory history, int agent, ulong number) : IHistoryObserver
    {
        public bool Taken(in HistoryStep step) => history._replay.Session.Agent(agent).CompletedEvents >= number;
    }
}
