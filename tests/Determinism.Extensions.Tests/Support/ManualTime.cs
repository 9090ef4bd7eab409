namespace Determinism.Extensions.Tests.Support;

/// <summary>Time that stands still until somebody moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private TimeSpan _elapsed;

    public static DateTimeOffset Beginning { get; } = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => Beginning + _elapsed;

    public void Advance(TimeSpan time) => _elapsed += time;
}
