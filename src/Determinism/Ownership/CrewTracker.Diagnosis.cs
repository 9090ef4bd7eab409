using System.Globalization;
using System.Text;

namespace Determinism.Ownership;

/// <content>What to say when a request is not answered.</content>
public sealed partial class CrewTracker<TSink>
{
    /// <summary>Says who waits for which frame, and who holds it.</summary>
    internal string DescribeWaits()
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            foreach (Waiter waiter in _waiting)
                Describe(waiter, text);
            return text.ToString().TrimEnd();
        }
    }

    private string Diagnose(Waiter stuck) => string.Format(CultureInfo.InvariantCulture,
        "Agent {0} waited longer than {1} for frame 0x{2:X}. {3}",
        stuck.Agent, _options.AnswerTimeout, stuck.Current.Frame, DescribeWaits());

    private void Describe(Waiter waiter, StringBuilder text)
    {
        text.AppendFormat(CultureInfo.InvariantCulture, "Agent {0} waits for {1} on frame 0x{2:X}",
            waiter.Agent, waiter.Current.Right, waiter.Current.Frame);
        for (int holder = 0; holder < AgentCount; holder++)
        {
            if (holder != waiter.Agent && IsInTheWay(holder, waiter.Current))
                text.AppendFormat(CultureInfo.InvariantCulture, ", held by agent {0} ({1}{2}{3})", holder,
                    (AgentState)Volatile.Read(ref _agents[holder].State), IsAsked(holder) ? ", asked" : "",
                    IsPinned(holder, waiter.Current.Frame) ? ", pinned" : "");
        }
        text.Append(". ");
    }
}
