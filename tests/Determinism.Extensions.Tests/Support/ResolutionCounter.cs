using System.Diagnostics.Tracing;
using Microsoft.Extensions.DependencyInjection;

namespace Determinism.Extensions.Tests.Support;

/// <summary>Counts what one container resolves, whoever asks it and by whatever way.</summary>
internal sealed class ResolutionCounter : EventListener
{
    private readonly int _container;
    private int _count;

    // The container's events name it by this.
    public ResolutionCounter(ServiceProvider container) => _container = container.GetHashCode();

    public int Count => Volatile.Read(ref _count);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Extensions-DependencyInjection")
            EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData is { EventName: "ServiceResolved", Payload: [_, int container] } && container == _container)
            Interlocked.Increment(ref _count);
    }
}
