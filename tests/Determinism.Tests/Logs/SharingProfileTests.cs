using Determinism.Diagnostics;

namespace Determinism.Tests.Logs;

public sealed class SharingProfileTests
{
    [Fact]
    public void Comes_back_as_it_was()
    {
        var profile = new SharingProfile();
        profile.Add(new Steal(7, 1, 0, 0x1000, 0x2000));
        profile.Add(new Steal(7, 1, 0, 0x1000, 0x2000));
        profile.Add(new Steal(ulong.MaxValue, 0, 253, ulong.MaxValue, 0));

        SharingProfile read = SharingProfile.FromBytes(profile.ToBytes());

        Assert.Equal(3, read.Count);
        Assert.Equal(profile.Hottest, read.Hottest);
    }

    [Fact]
    public void Is_stored_in_a_bounded_size_that_keeps_the_most_frequent()
    {
        var profile = new SharingProfile();
        for (ulong frame = 0; frame < 5000; frame++)
            profile.Add(new Steal(frame, 1, 0, 0, 0), times: 1 + (long)frame);

        SharingProfile read = SharingProfile.FromBytes(profile.ToBytes());

        Assert.Equal(SharingProfile.MaximumStoredEntries, read.Hottest.Count);
        Assert.Equal(profile.Hottest.Take(SharingProfile.MaximumStoredEntries), read.Hottest);
    }

    [Theory]
    [InlineData(39)]
    [InlineData(40 * 1025)]
    [InlineData(40)] // A count of 0.
    public void Bytes_that_are_no_profile_are_damage(int length) =>
        Assert.Throws<LogDamagedException>(() => SharingProfile.FromBytes(new byte[length]));
}
