using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;

namespace Determinism.Machine.Tests.Readme;

public class ReadmeTests
{
    private const int Vcpus = 2;

    private static readonly MachineShape s_shape = new() { VcpuCount = Vcpus, MemoryBytes = ToyHypervisor.MemoryBytes };

    [Fact]
    public void The_exit_loop_in_the_readme_is_the_one_that_is_compiled_here()
    {
        string folder = AppContext.BaseDirectory;
        string readme = File.ReadAllText(Path.Combine(folder, "README.md"));
        string source = File.ReadAllText(Path.Combine(folder, "ReadmeExample.cs"));
        string shown = readme.Split("```csharp")[1].Split("```")[0];
        string compiled = source.Split("// README")[1];
        Assert.Equal(Normalise(compiled), Normalise(shown));
    }

    [Fact]
    public void The_exit_loop_in_the_readme_records_and_replays()
    {
        var log = new MemoryEventLog(Vcpus);
        var recorded = new ToyHypervisor(Vcpus);
        using (RecordingSession session = RecordingSession.Start(recorded, s_shape, log,
            new RecordingOptions { Time = TimeProvider.System, Guest = "toy", InitialState = 0 }))
            Run(recorded, session);

        for (int replay = 0; replay < 5; replay++)
        {
            var replayed = new ToyHypervisor(Vcpus);
            using ReplaySession session =
                ReplaySession.Start(replayed, log, new ReplayOptions { Guest = "toy", InitialState = 0 });
            Run(replayed, session);
            Assert.Equal(recorded.Sums, replayed.Sums);
            Assert.True(recorded.Memory.SequenceEqual(replayed.Memory));
        }
    }

    private static void Run(ToyHypervisor hypervisor, ExecutionSession session)
    {
        var example = new ReadmeExample(hypervisor);
        var threads = new Thread[Vcpus];
        for (int vcpu = 0; vcpu < Vcpus; vcpu++)
        {
            AgentSession agent = session.Agent(vcpu);
            threads[vcpu] = new Thread(() =>
            {
                try
                {
                    example.Run(agent);
                }
                catch (Exception error)
                {
                    session.Fail(error);
                }
            });
            threads[vcpu].Start();
        }
        foreach (Thread thread in threads)
            Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "A toy vCPU hangs.");
        session.Complete();
    }

    private static string Normalise(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
