using System.Globalization;
using System.Text;

namespace Determinism.Log;

/// <summary>Something in a log that is not as it must be, and where.</summary>
public sealed record LogProblem
{
    /// <summary>What is wrong.</summary>
    public required string Message { get; init; }

    /// <summary>Number of the segment; -1 if it is in none.</summary>
    public int Segment { get; init; } = -1;

    /// <summary>Where the block begins, or what else is wrong, in bytes from the segment's start; -1 if it has no place.</summary>
    public long Offset { get; init; } = -1;

    /// <summary>Number of the block in the log, from 0; -1 if it is none.</summary>
    public long Sequence { get; init; } = -1;

    /// <summary>The stream; -1 if it is of none.</summary>
    public int Stream { get; init; } = -1;

    /// <summary>Number of the event in its stream, from 1; 0 if it is none.</summary>
    public ulong EventNumber { get; init; }

    /// <summary>All of it on one line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Add(text, "segment", Segment);
        Add(text, "offset", Offset);
        Add(text, "block", Sequence);
        Add(text, "stream", Stream);
        Add(text, "event", EventNumber == 0 ? -1 : (long)EventNumber);
        return text.Length == 0 ? Message : text.Append(": ").Append(Message).ToString();
    }

    private static void Add(StringBuilder text, string name, long number)
    {
        if (number >= 0)
            text.Append(text.Length == 0 ? "" : ", ").Append(name).Append(' ').Append(number.ToString(CultureInfo.InvariantCulture));
    }
}
