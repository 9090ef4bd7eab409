using Determinism.SharingOverhead.Statistics;

namespace Determinism.SharingOverhead.Tests;

public class SerialBoundTests
{
    [Theory]
    [InlineData(0.9, 0.02, "holds")]
    [InlineData(1.1, 0.02, "fails")]
    [InlineData(1.06, 0.2, "inconclusive")]
    [InlineData(1.04, 0.02, "holds")]
    public void VerdictNeedsAnEffectAboveTheNoise(double ratio, double noise, string verdict)
    {
        double[] serial = [.. Enumerable.Range(0, SerialBound.LeastPairs).Select(static index => 2.0 + index)];
        // Spread evenly around the ratio, whatever the pair's own length is.
        double[] recorded = [.. serial.Select((seconds, index) => seconds * (ratio + (noise * ((index % 2 * 2) - 1) * index / serial.Length)))];
        var bound = new SerialBound(recorded, serial);
        Assert.Equal(verdict, bound.Verdict);
        Assert.InRange(bound.Ratio!.Value, bound.Lower!.Value, bound.Upper!.Value);
    }

    [Fact]
    public void ExactlyAsLongHolds()
    {
        double[] serial = [.. Enumerable.Repeat(2.0, SerialBound.LeastPairs)];
        Assert.Equal("holds", new SerialBound(serial, serial).Verdict);
    }

    [Fact]
    public void FewPairsGiveNoVerdict()
    {
        double[] serial = [.. Enumerable.Repeat(2.0, SerialBound.LeastPairs - 1)];
        var bound = new SerialBound([.. serial.Select(static seconds => seconds / 2)], serial);
        Assert.Equal("n/a", bound.Verdict);
        Assert.Equal(0.5, bound.Ratio);
    }

    [Fact]
    public void RatioIsThatOfPairsNotOfMedians()
    {
        // Each pair ran at another speed of the computer: the medians are equal, and the pairs are not.
        var bound = new SerialBound([1, 4, 9], [2, 8, 4]);
        Assert.Equal(0.5, bound.Ratio);
    }
}
