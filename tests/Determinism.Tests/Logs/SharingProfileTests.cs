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

    [Fact]
    public void Takes_bounded_memory_however_long_it_is_filled_and_keeps_what_is_frequent()
    {
        const int Frequent = 1000, Rounds = 3 * SharingProfile.MaximumEntries / Frequent;
        var profile = new SharingProfile();
        ulong rare = 1 << 20;
        for (int round = 0; round < Rounds; round++)
        {
            for (ulong frame = 0; frame < Frequent; frame++)
            {
                profile.Add(new Steal(frame, 1, 0, 0, 0));
                profile.Add(new Steal(rare++, 1, 0, 0, 0));
            }
            Assert.InRange(profile.Hottest.Count, 0, SharingProfile.MaximumEntries);
        }
        Assert.Equal(2L * Frequent * Rounds, profile.Count);
        Assert.All(profile.Hottest.Take(Frequent), static one => Assert.Equal((true, Rounds), (one.Key.Frame < Frequent, one.Value)));
    }

    [Fact]
    public void Small_numbers_take_few_bytes()
    {
        var profile = new SharingProfile();
        profile.Add(new Steal(40, 1, 0, 0x8000_1000, 0x8000_0FF0), times: 100);

        Assert.Equal(10, profile.ToBytes().Length);
    }

    [Theory]
    [InlineData(0)] // How often: never.
    [InlineData(5, 1, 0, 8, 8)] // Cut off.
    [InlineData(5, 1, 0, 8, 8, 0x81)]
    [InlineData(5, 0xFE, 1, 0, 8, 8, 1)] // No such winner.
    [InlineData(5, 0, 0xFF, 1, 8, 8, 1)] // No such loser.
    [InlineData(5, 1, 0, 8, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1)] // More often than can be counted.
    public void Bytes_that_are_no_profile_are_damage(params int[] bytes)
    {
        byte[] content = bytes.Length > 1 ? [.. bytes.Select(static one => (byte)one)] : new byte[6];
        Assert.Throws<LogDamagedException>(() => SharingProfile.FromBytes(content));
    }

    [Fact]
    public void More_entries_than_are_stored_are_damage()
    {
        byte[] entry = [5, 1, 0, 8, 8, 1];
        byte[] most = [.. Enumerable.Repeat(entry, SharingProfile.MaximumStoredEntries).SelectMany(static one => one)];
        Assert.Equal(SharingProfile.MaximumStoredEntries, SharingProfile.FromBytes(most).Count);
        Assert.Throws<LogDamagedException>(() => SharingProfile.FromBytes([.. most, .. entry]));
    }

    [Fact]
    public void Counts_that_cannot_be_summed_are_damage()
    {
        byte[] entry = [5, 1, 0, 8, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
        Assert.Equal(long.MaxValue, SharingProfile.FromBytes(entry).Count);
        Assert.Throws<LogDamagedException>(() => SharingProfile.FromBytes([.. entry, .. entry]));
    }
}
