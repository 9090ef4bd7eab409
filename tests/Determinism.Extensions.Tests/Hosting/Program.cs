using Determinism;
using Determinism.Log;
using Determinism.Recording;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

/// <summary>Two machines in one host, each recorded into a file of its own.</summary>
internal static class Program
{
    public static async Task Main(string[] args)
    {
        string folder = args.Length > 0 ? args[0] : ".";
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.AddFilter(DeterminismTelemetry.Name, LogLevel.Information);
        builder.Metrics.AddDebugConsole().EnableMetrics(DeterminismTelemetry.Name);

        builder.Services.AddKeyedDeterminism("web", options => options.KeepStates = true).UseParallelScheduling();
        builder.Services.AddKeyedDeterminism("database").UseSerialScheduling(quantum: TimeSpan.FromMilliseconds(2));
        foreach (string key in (string[])["web", "database"])
        {
            builder.Services.AddSingleton<IHostedService>(services => new RecordedMachine(
                services.GetRequiredKeyedService<SessionFactory>(key), Path.Combine(folder, key + ".log")));
        }

        using IHost host = builder.Build();
        await host.StartAsync();                                             // wrong options end here, by name
        await Task.WhenAll(host.Services.GetServices<IHostedService>().OfType<RecordedMachine>()
            .Select(machine => machine.ExecuteTask!));
        await host.StopAsync();
    }
}

/// <summary>Runs one machine until its guest ends or the host stops.</summary>
internal sealed class RecordedMachine(SessionFactory sessions, string path) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Run(() => Record(stoppingToken), stoppingToken);

    private void Record(CancellationToken stoppingToken)
    {
        var machine = new SmallMachine(vcpus: 2);                            // yours: an IVmBackend and its exit loop
        using var log = new FileEventLog(path, machine.Shape.AgentCount);
        using RecordingSession session = sessions.StartRecording(
            machine, machine.Shape, log, guest: SmallMachine.Guest, initialState: 0);
        using CancellationTokenRegistration stop = stoppingToken.Register(session.Cancel);
        machine.Run(session);                                                // and, at its end, session.Complete()
    }
}
