using Determinism.Ownership;

namespace Determinism.Tests.Ownership;

/// <summary>What is guessed of an agent's way through memory. A guess is never wrong, only dear: counted is how often an agent
/// has to ask, and what it gets that it does not need.</summary>
public class FrameStreamsTests
{
    private const int Chunk = FrameStreams.ChunkFrames;

    private readonly FrameStreams _streams = new(Chunk);
    private readonly HashSet<ulong> _held = [];
    private int _asks;
    private int _useless;

    [Fact]
    public void A_sweep_asks_a_few_times_in_its_first_chunk_and_once_in_each_further_one()
    {
        Use(Range(0, Chunk, 1));
        Assert.InRange(_asks, 2, 8);
        _asks = 0;
        Use(Range(Chunk, 4 * Chunk, 1));
        Assert.Equal(4, _asks);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(27)] // all frames of the chunk, here and there
    public void Direction_and_stride_do_not_matter(int stride)
    {
        Use(Range(0, 0, 1));
        ulong[] frames = stride < 0 ? [.. Range(0, Chunk, 1).Reverse()]
            : stride == 4 ? [.. Range(0, Chunk / 4, 4)]
            : [.. Enumerable.Range(0, Chunk).Select(index => (ulong)(index * stride % Chunk))];
        Use(frames);
        Assert.InRange(_asks, 2, 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    public void What_is_never_used_comes_along_a_few_times_only(int used)
    {
        ulong[] frames = [.. Range(5, used, 1)];
        for (int cycle = 0; cycle < 40; cycle++)
        {
            if (cycle == 25)
                _useless = 0;
            UseAndLose(frames);
        }
        Assert.InRange(_useless, 0, 15 * used);
    }

    [Fact]
    public void What_was_used_comes_back_at_once()
    {
        ulong[] frames = [.. Range(0, 16, 4)];
        for (int cycle = 0; cycle < 40; cycle++)
        {
            if (cycle == 25)
                _asks = 0;
            UseAndLose(frames);
        }
        // One each time, and those that are watched now and then.
        Assert.InRange(_asks, 15, 15 * 4);
    }

    [Fact]
    public void Reading_and_writing_are_learned_apart()
    {
        Use(Range(0, Chunk, 1));
        Assert.Equal(1UL << 7, _streams.Expect(new FrameRequest(7, AccessRight.Read)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Without_it_each_comes_alone(int longest)
    {
        var none = new FrameStreams(longest);
        for (ulong frame = 0; frame < 10; frame++)
        {
            var one = new FrameRequest(frame, AccessRight.ReadWrite);
            Assert.Equal(1UL << (int)frame, none.Expect(one));
            none.Note(one, 1UL << (int)frame);
            none.Lose(frame, AccessRight.None);
        }
    }

    private static IEnumerable<ulong> Range(int first, int count, int stride) =>
        Enumerable.Range(0, count).Select(index => (ulong)(first + (index * stride)));

    private void UseAndLose(ulong[] frames)
    {
        Use(frames);
        _useless += _held.Except(frames).Count();
        // Another takes all, asking for the first of them.
        _streams.Lose(frames[0], AccessRight.None);
        _held.Clear();
    }

    private void Use(IEnumerable<ulong> frames)
    {
        foreach (ulong frame in frames)
        {
            if (_held.Contains(frame))
                continue;
            _asks++;
            var one = new FrameRequest(frame, AccessRight.ReadWrite);
            ulong block = _streams.Expect(one);
            Assert.NotEqual(0UL, block >> (int)(frame % Chunk) & 1);
            for (int bit = 0; bit < Chunk; bit++)
            {
                if ((block >> bit & 1) != 0)
                    _held.Add(FrameStreams.FirstOf(frame) + (ulong)bit);
            }
            _streams.Note(one, block);
        }
    }
}
