using System.Globalization;

namespace Determinism.Diagnostics;

/// <summary>The last calls between an adapter and its session, both ways, for finding out why an adapter misbehaves.</summary>
/// <remarks>
/// Give one to the options of a session. Calls of the exit loop are written with "&gt;", calls of the backend with
/// "&lt;", each with the thread that made it. It takes a lock and formats text at every call: not for production.
/// Thread-safe.
/// </remarks>
public sealed class ProtocolTrace
{
    private readonly string[] _lines;
    private readonly object _lock = new();

    /// <summary>Creates an empty trace.</summary>
    /// <param name="capacity">How many calls are kept, at least 1.</param>
    public ProtocolTrace(int capacity = 4096)
    {
        Guard.InRange(capacity > 0, capacity, nameof(capacity), "At least one call.");
        _lines = new string[capacity];
    }

    /// <summary>Number of calls so far, those no longer kept included.</summary>
    public long Count { get; private set; }

    /// <summary>The calls that are kept, oldest first.</summary>
    public IReadOnlyList<string> Lines => Last(_lines.Length);

    /// <inheritdoc />
    public override string ToString() => string.Join(Environment.NewLine, Lines);

    internal void Call(int agent, string call) => Add(agent, ">", call);

    internal void CallBack(int agent, string call) => Add(agent, "<", call);

    internal IReadOnlyList<string> Last(int most)
    {
        lock (_lock)
        {
            int kept = (int)Math.Min(Count, Math.Min(most, _lines.Length));
            var last = new string[kept];
            for (int index = 0; index < kept; index++)
                last[index] = _lines[(Count - kept + index) % _lines.Length];
            return last;
        }
    }

    private void Add(int agent, string direction, string call)
    {
        lock (_lock)
        {
            _lines[Count % _lines.Length] = string.Format(CultureInfo.InvariantCulture,
                "{0} thread {1} agent {2} {3} {4}", Count + 1, Environment.CurrentManagedThreadId, agent, direction, call);
            Count++;
        }
    }
}
