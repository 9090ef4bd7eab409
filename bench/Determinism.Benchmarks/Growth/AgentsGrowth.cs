using Determinism.Benchmarks.Ownership;

namespace Determinism.Benchmarks.Growth;

/// <summary>The tracker's operations from 2 to 254 agents.</summary>
internal static class AgentsGrowth
{
    private const int Steals = 2_000;

    public static void Print()
    {
        Console.WriteLine("## Agents (ns; a steal is two events, an upgrade one for each agent)\n");
        Console.WriteLine("| agents | hit | first touch | shared join | steal | upgrade over all others | of it an event |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (int agents in new[] { 2, 4, 8, 16, 32, 33, 64, 128, 254 })
            Print(agents);
        Console.WriteLine();
    }

    private static void Print(int agents)
    {
        var scene = new TrackerBenchmarks { Agents = agents };
        Warm(scene);
        double upgrade = GrowthReport.Fastest(scene.ReadByEverybody, scene.UpgradeOverAllOthers, Scene.Crowded);
        GrowthReport.Row(
            agents.ToString(System.Globalization.CultureInfo.InvariantCulture),
            GrowthReport.Number(GrowthReport.Fastest(scene.HoldOne, () => Repeat(scene.Hit, 100), 100 * Scene.Hits)),
            GrowthReport.Number(GrowthReport.Fastest(scene.TouchLeaves, scene.FirstTouch, Scene.AloneOperations)),
            GrowthReport.Number(GrowthReport.Fastest(scene.ReadByOne, scene.SharedJoin, Scene.Shared)),
            GrowthReport.Number(GrowthReport.Fastest(scene.HoldOne, () => Repeat(scene.StealFromParked, Steals), 2 * Steals)),
            GrowthReport.Number(upgrade),
            GrowthReport.Number(upgrade / agents));
    }

    // Until the runtime has compiled for the last time.
    private static void Warm(TrackerBenchmarks scene)
    {
        Warmth.Run(scene.HoldOne, () => Repeat(scene.Hit, 100));
        scene.WarmFirstTouch();
        scene.WarmSharedJoin();
        Warmth.Run(scene.HoldOne, () => Repeat(scene.StealFromParked, Steals));
    }

    private static void Repeat(Action one, int times)
    {
        for (int time = 0; time < times; time++)
            one();
    }
}
