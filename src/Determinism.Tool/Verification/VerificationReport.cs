using System.Text.Json;
using Determinism.Log;

namespace Determinism.Tool.Verification;

/// <summary>What <c>log verify</c> prints.</summary>
internal sealed class VerificationReport(LogVerification found, bool mustBeComplete)
{
    /// <summary>Whether the log is all that was asked for.</summary>
    public bool IsGood => found.IsIntact && (found.IsComplete || !mustBeComplete);

    public void WriteText(TextWriter output)
    {
        if (found.IsIntact)
            output.WriteLine($"{(IsGood ? "intact" : "not complete")}: {found.Events} events, "
                + (found.AreContentsChecked ? $"{found.Constraints} constraints, " : "")
                + $"{found.Blocks} blocks, {found.Bytes} bytes");
        else
            output.WriteLine($"damaged: {found.ProblemCount} {(found.ProblemCount == 1 ? "problem" : "problems")}, the first:\n{found.Problems[0]}");
        if (found.Tail is { } tail)
            output.WriteLine($"The log was not completed: it ends in segment {tail.Segment} at offset {tail.Offset}"
                + (tail.IgnoredBytes == 0 ? "." : $"; {tail.IgnoredBytes} bytes after that are no whole block ({tail.Reason})"));
        foreach (string unchecked_ in Unchecked())
            output.WriteLine("Not checked: " + unchecked_);
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteBoolean("intact", found.IsIntact);
        json.WriteBoolean("complete", found.IsComplete);
        json.WriteNumber("events", found.Events);
        if (found.AreContentsChecked)
            json.WriteNumber("constraints", found.Constraints);
        json.WriteNumber("blocks", found.Blocks);
        json.WriteNumber("bytes", found.Bytes);
        WriteTail(json, found.Tail);
        json.WriteBoolean("contentsChecked", found.AreContentsChecked);
        json.WriteBoolean("chained", found.IsChained);
        json.WriteBoolean("chainChecked", found.IsChainChecked);
        json.WriteBoolean("orderChecked", found.IsOrderChecked);
        json.WriteNumber("problemCount", found.ProblemCount);
        json.WriteStartArray("problems");
        foreach (LogProblem problem in found.Problems)
            Write(json, problem);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteTail(Utf8JsonWriter json, LogTail? tail)
    {
        if (tail is null)
            return;
        json.WriteStartObject("tail");
        json.WriteNumber("segment", tail.Segment);
        json.WriteNumber("offset", tail.Offset);
        json.WriteNumber("ignoredBytes", tail.IgnoredBytes);
        json.WriteString("reason", tail.Reason);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LogProblem problem)
    {
        json.WriteStartObject();
        json.WriteString("message", problem.Message);
        WriteNumber("segment", problem.Segment);
        WriteNumber("offset", problem.Offset);
        WriteNumber("block", problem.Sequence);
        WriteNumber("stream", problem.Stream);
        WriteNumber("event", problem.EventNumber == 0 ? -1 : (long)problem.EventNumber);
        json.WriteEndObject();

        void WriteNumber(string name, long number)
        {
            if (number >= 0)
                json.WriteNumber(name, number);
        }
    }

    private IEnumerable<string> Unchecked()
    {
        // Of what is no log, nothing was looked into either; that is not for want of a key.
        if (found is { AreContentsChecked: false, Blocks: > 0 })
            yield return "contents; the log is encrypted, --key gives its secret.";
        if (found is { IsChained: true, IsChainChecked: false })
            yield return "the chain; --chain-key gives its secret.";
        if (found is { AreContentsChecked: true, IsOrderChecked: false })
            yield return "whether events wait for each other; for that the log must be readable to its end.";
    }
}
