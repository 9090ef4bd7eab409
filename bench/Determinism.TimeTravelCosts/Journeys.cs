using System.Diagnostics;
using Determinism.Log;
using Determinism.Machine;

namespace Determinism.TimeTravelCosts;

/// <summary>Random targets in a recording, and the times that it takes to go there.</summary>
internal static class Journeys
{
    private const int Vcpu = 0;
    private const int MostInstructions = 1000;

    /// <summary>Draws events, and distances from them.</summary>
    public static List<InstructionPoint> Draw(FileEventLogReader log, int count)
    {
        var random = new Random(1);
        ulong events = 0;
        EventCursor cursor = log.OpenStream(Vcpu);
        while (cursor.MoveToNext())
        {
            cursor.Consume();
            events = cursor.Consumed;
        }
        return [.. Enumerable.Range(0, count).Select(_ =>
            new InstructionPoint(Vcpu, 1 + (ulong)random.NextInt64((long)events), (ulong)random.Next(MostInstructions)))];
    }

    /// <summary>Seconds of each journey.</summary>
    public static List<double> Measure(TimeTravel travel, IEnumerable<InstructionPoint> targets, bool isToInstructions)
    {
        var seconds = new List<double>();
        foreach (InstructionPoint target in targets)
        {
            long start = Stopwatch.GetTimestamp();
            if (isToInstructions)
                travel.GoToInstruction(target);
            else
                travel.GoToEvent(Vcpu, target.Event);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return seconds;
    }

    public static double Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }
}
