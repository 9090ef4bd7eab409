namespace Determinism.Machine.Tests;

/// <summary>Time that runs faster than the clock on the wall, so that small guests meet policies made for long runs.</summary>
internal sealed class HurriedTime(int times) : TimeProvider
{
    public override long TimestampFrequency => System.TimestampFrequency / times;

    public override long GetTimestamp() => System.GetTimestamp();
}
