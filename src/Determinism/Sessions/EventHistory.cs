using System.Globalization;
using Determinism.Log;

namespace Determinism.Sessions;

/// <summary>The last events of an agent, for reports. Written by who acts as the agent; read by others only when something
/// has gone wrong, as well as can be.</summary>
internal sealed class EventHistory
{
    private const int Length = 16;

    private readonly StreamEvent[] _events = new StreamEvent[Length];
    private ulong _count;

    public void Add(in StreamEvent one) => _events[_count++ % Length] = one;

    public IEnumerable<string> Describe(int agent)
    {
        ulong count = _count;
        for (ulong number = count > Length ? count - Length : 0; number < count; number++)
            yield return string.Format(CultureInfo.InvariantCulture, "agent {0} event {1}: {2}", agent, number + 1,
                EventText.Describe(_events[number % Length]));
    }
}
