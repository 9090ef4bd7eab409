using Determinism.Log;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Determinism.Extensions.Tests;

/// <summary>Law: nothing is resolved on an exit path.</summary>
public class ResolutionLawTests
{
    private const int Vcpus = 2;

    [Fact]
    public void Nothing_is_resolved_between_the_start_of_a_session_and_its_end()
    {
        using ServiceProvider provider = MakeProvider();
        using var log = new MemoryEventLog(Vcpus);
        SessionFactory factory = provider.GetRequiredService<SessionFactory>();
        int exits = 0;
        SmallMachine NewMachine() => new(Vcpus) { OnExit = () => Interlocked.Increment(ref exits) };

        using var counter = new ResolutionCounter(provider);
        SmallMachine recorded = NewMachine();
        using (ExecutionSession session = factory.StartRecording(recorded, recorded.Shape, log, SmallMachine.Guest, 0))
            recorded.Run(session);
        SmallMachine replayed = NewMachine();
        using (ExecutionSession session = factory.StartReplay(replayed, log, SmallMachine.Guest, 0))
            replayed.Run(session);
        SmallMachine free = NewMachine();
        using (ExecutionSession session = factory.StartUnrecorded(free, free.Shape, SmallMachine.Guest))
            free.Run(session);

        Assert.True(recorded is { Faults: >= 100, Inputs: >= 500, Interrupts: >= 100 });
        Assert.True(exits > 1500, $"Only {exits} exits.");
        Assert.Equal(0, counter.Count);
    }

    [Fact]
    public void An_exit_loop_that_resolves_at_every_exit_is_found()
    {
        using ServiceProvider provider = MakeProvider();
        using var log = new MemoryEventLog(Vcpus);
        SessionFactory factory = provider.GetRequiredService<SessionFactory>();
        int exits = 0;
        var machine = new SmallMachine(Vcpus)
        {
            OnExit = () =>
            {
                Interlocked.Increment(ref exits);
                provider.GetRequiredService<TimeProvider>();
            },
        };
        using var counter = new ResolutionCounter(provider);
        using ExecutionSession session = factory.StartRecording(machine, machine.Shape, log, SmallMachine.Guest, 0);
        machine.Run(session);
        Assert.True(exits > 500);
        Assert.Equal(exits, counter.Count);
    }

    private static ServiceProvider MakeProvider()
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new CapturedLog()));
        services.AddMetrics();
        services.AddDeterminism();
        return services.BuildServiceProvider();
    }
}
