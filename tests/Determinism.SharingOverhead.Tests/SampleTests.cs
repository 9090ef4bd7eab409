using Determinism.SharingOverhead.Statistics;

namespace Determinism.SharingOverhead.Tests;

public class SampleTests
{
    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 1.5, 2, 2.5)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 1.75, 2.5, 3.25)]
    [InlineData(new double[] { 7 }, 7, 7, 7)]
    public void QuantilesLieBetweenNeighbours(double[] values, double lower, double median, double upper)
    {
        var sample = new Sample(values);
        Assert.Equal(lower, sample.LowerQuartile);
        Assert.Equal(median, sample.Median);
        Assert.Equal(upper, sample.UpperQuartile);
    }

    [Fact]
    public void NothingHasNoMedian() => Assert.Null(new Sample().Median);
}
