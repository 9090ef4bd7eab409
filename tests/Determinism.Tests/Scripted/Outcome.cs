using System.Globalization;
using System.Text;

namespace Determinism.Tests.Scripted;

/// <summary>What a run came to: equal for a recording and all its replays (law L3).</summary>
internal sealed record Outcome
{
    public required SortedDictionary<ulong, ulong> Memory { get; init; }

    public required ulong[] Accumulators { get; init; }

    public required ulong[] Instructions { get; init; }

    public required string Console { get; init; }

    public required int MostFaults { get; init; }

    public required IReadOnlyList<string> Violations { get; init; }

    /// <summary>How often the session changed rights: of one frame, or of a run of them.</summary>
    public required int RightCalls { get; init; }

    /// <summary>What ended the session, if it ended early.</summary>
    public DeterminismException? Failure { get; init; }

    /// <summary>Of a replay: whether all agents came to the ends that the log has for them.</summary>
    public bool ReachedEveryEnd { get; init; }

    /// <summary>All that must be equal, as text.</summary>
    public string Fingerprint
    {
        get
        {
            var text = new StringBuilder();
            for (int vcpu = 0; vcpu < Accumulators.Length; vcpu++)
                text.AppendFormat(CultureInfo.InvariantCulture, "agent {0}: 0x{1:X16}", vcpu, Accumulators[vcpu]).AppendLine();
            text.AppendJoin(' ', Instructions).AppendLine().Append(Console);
            foreach ((ulong address, ulong value) in Memory)
                text.AppendFormat(CultureInfo.InvariantCulture, "{0:X}={1:X16}", address, value).AppendLine();
            return text.ToString();
        }
    }
}
