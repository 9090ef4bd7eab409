using System.Globalization;

namespace Determinism.KvmCosts;

/// <summary>Our handovers beside those by hand, measured in turn.</summary>
internal static class HandoverReport
{
    public static void Print(int rounds)
    {
        var ours = new List<HandoverByUs.Steps>();
        var byHand = new List<Dictionary<string, double>>();
        for (int round = 0; round < rounds; round++)
        {
            ours.AddRange(HandoverByUs.Measure());
            if (HandoverByHand.Measure() is { } steps)
                byHand.Add(steps);
        }
        Console.WriteLine($"Handover of one frame, microseconds, medians: {ours.Count} of ours, {rounds} runs by hand.");
        Console.WriteLine("| step | recorded | by hand |");
        Console.WriteLine("| --- | ---: | ---: |");
        Row("the winner has faulted: instruction read, request made", ours, byHand, one => one.Ask, "hold");
        Row("request to the loser's KVM_RUN returned", ours, byHand, one => one.Leave, "leave");
        Row("the loser's exit handled", ours, byHand, one => one.Handle, null);
        Row("the loser's mprotect", ours, byHand, one => one.Close, "close");
        Row("its event written, the winner woken", ours, byHand, one => one.Wake, "wake");
        Row("the winner's mprotect", ours, byHand, one => one.Open, "open");
        Row("its event written, back to KVM_RUN", ours, byHand, one => one.Return, null);
        Row("the whole: fault to re-entry", ours, byHand, one => one.Whole, "whole");
        if (byHand.Count > 0)
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "Ours takes {0:F2} times as long.",
                Machines.Median(ours.Select(one => one.Whole)) / Machines.Median(byHand.Select(steps => steps["whole"]))));
        Console.WriteLine();
    }

    private static void Row(string name, List<HandoverByUs.Steps> ours, List<Dictionary<string, double>> byHand,
        Func<HandoverByUs.Steps, double> step, string? key)
    {
        string hand = key is null || byHand.Count == 0 ? ""
            : Machines.Median(byHand.Select(steps => steps[key])).ToString("F1", CultureInfo.InvariantCulture);
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "| {0} | {1:F1} | {2} |",
            name, Machines.Median(ours.Select(step)), hand));
    }
}
