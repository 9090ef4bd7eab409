using CsCheck;
using Determinism.Log;
using Determinism.Tests.Oracle;

namespace Determinism.Tests.Codec;

public class EventCodecTests
{
    [Fact]
    public void What_was_written_is_read_back_and_takes_no_more_room_than_promised() => RandomEvents.Stream.Sample(
        events =>
        {
            byte[] stream = Encode(events);
            var decoder = new EventDecoder(RandomEvents.AgentCount);
            ReadOnlySpan<byte> rest = stream;
            foreach (DecodedEvent expected in events)
            {
                Assert.Equal(ReadStatus.Read, decoder.TryRead(rest, out StreamEvent one, out ReadOnlySpan<byte> bytes,
                    out int consumed));
                Assert.True(RandomEvents.AreEqual(expected,
                    new DecodedEvent(one, decoder.Constraints.ToArray(), bytes.ToArray())), expected.ToString());
                rest = rest[consumed..];
            }
            Assert.Equal(ReadStatus.NeedsMore, decoder.TryRead(rest, out _, out _, out _));
        },
        iter: TestTier.Times(2_000, 200_000), threads: 1);

    [Fact]
    public void Too_short_a_destination_changes_nothing_however_short() => RandomEvents.Stream.Sample(
        events =>
        {
            byte[] stream = Encode(events);
            var encoder = new EventEncoder(RandomEvents.AgentCount);
            int at = 0;
            foreach (DecodedEvent one in events)
            {
                var buffer = new byte[RandomEvents.Room(one)];
                int length = 0;
                while (!encoder.TryWrite(buffer.AsSpan(0, length), one.Event, one.Constraints, one.Bytes, out int written))
                {
                    Assert.Equal(0, written);
                    length++;
                }
                // It fits first into exactly what it takes, and says the same as if nothing had been tried before.
                Assert.True(stream.AsSpan(at, length).SequenceEqual(buffer.AsSpan(0, length)));
                at += length;
            }
            Assert.Equal(stream.Length, at);
        },
        iter: TestTier.Times(500, 20_000), threads: 1);

    [Fact]
    public void An_event_cut_short_asks_for_more_and_is_read_once_it_is_whole() => RandomEvents.Stream.Sample(
        events =>
        {
            byte[] stream = Encode(events);
            var decoder = new EventDecoder(RandomEvents.AgentCount);
            int at = 0;
            foreach (DecodedEvent expected in events)
            {
                int length = 0;
                StreamEvent one;
                ReadOnlySpan<byte> bytes;
                int consumed;
                for (ReadStatus status; (status = decoder.TryRead(stream.AsSpan(at, length), out one, out bytes, out consumed))
                    != ReadStatus.Read; length++)
                {
                    Assert.Equal(ReadStatus.NeedsMore, status);
                    Assert.Equal(0, consumed);
                }
                Assert.Equal(length, consumed);
                Assert.True(RandomEvents.AreEqual(expected,
                    new DecodedEvent(one, decoder.Constraints.ToArray(), bytes.ToArray())));
                at += consumed;
            }
        },
        iter: TestTier.Times(500, 20_000), threads: 1);

    [Fact]
    public void Bytes_that_are_no_events_never_throw_and_never_hang() => Gen.Byte.Array[0, 200].Sample(
        noise =>
        {
            var decoder = new EventDecoder(7);
            ReadOnlySpan<byte> rest = noise;
            while (decoder.TryRead(rest, out StreamEvent one, out ReadOnlySpan<byte> bytes, out int consumed) == ReadStatus.Read)
            {
                Assert.InRange(consumed, 1, rest.Length);
                Assert.InRange((int)one.Kind, 1, 6);
                Assert.InRange(bytes.Length, 0, consumed);
                foreach (OrderingConstraint constraint in decoder.Constraints)
                    Assert.InRange(constraint.Agent, 0, 6);
                rest = rest[consumed..];
            }
        },
        iter: TestTier.Times(20_000, 2_000_000), threads: 1);

    [Fact]
    public void An_event_with_one_bit_flipped_never_throws() => Gen.Select(RandomEvents.Stream, Gen.Int[0, 1 << 20]).Sample(
        (events, flip) =>
        {
            byte[] stream = Encode(events);
            if (stream.Length == 0)
                return;
            stream[flip / 8 % stream.Length] ^= (byte)(1 << (flip % 8));
            var decoder = new EventDecoder(RandomEvents.AgentCount);
            ReadOnlySpan<byte> rest = stream;
            while (decoder.TryRead(rest, out _, out _, out int consumed) == ReadStatus.Read)
                rest = rest[consumed..];
        },
        iter: TestTier.Times(5_000, 500_000), threads: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(15)]
    public void A_kind_that_does_not_exist_is_damage(int kind)
    {
        var decoder = new EventDecoder(1);
        Assert.Equal(ReadStatus.Damaged, decoder.TryRead([(byte)kind, 0, 0, 0], out _, out _, out _));
    }

    [Theory]
    [InlineData(new byte[] { 0x06 | (2 << 4), 0 }, "the same place as the event before, with no event before")]
    [InlineData(new byte[] { 0x81, 0, 0, 0, 14 }, "a constraint on agent 7 of 7")]
    [InlineData(new byte[] { 0x06, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0 }, "a number too long")]
    [InlineData(new byte[] { 0x03, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0 }, "a code of more than 32 bits")]
    public void Damage_is_told_from_a_lack_of_bytes(byte[] stream, string because)
    {
        var decoder = new EventDecoder(7);
        Assert.True(decoder.TryRead(stream, out _, out _, out int consumed) == ReadStatus.Damaged, because);
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void More_constraints_than_agents_is_damage()
    {
        var stream = new List<byte> { 0x81, 0, 0, 0 };
        for (int constraint = 0; constraint < 3; constraint++)
            stream.Add(1);
        stream.Add(0);
        Assert.Equal(ReadStatus.Damaged, new EventDecoder(3).TryRead(stream.ToArray(), out _, out _, out _));
        Assert.Equal(ReadStatus.Read, new EventDecoder(4).TryRead(stream.ToArray(), out _, out _, out _));
    }

    private static byte[] Encode(DecodedEvent[] events)
    {
        var encoder = new EventEncoder(RandomEvents.AgentCount);
        var stream = new List<byte>();
        foreach (DecodedEvent one in events)
        {
            var buffer = new byte[RandomEvents.Room(one)];
            Assert.True(encoder.TryWrite(buffer, one.Event, one.Constraints, one.Bytes, out int written));
            stream.AddRange(buffer.AsSpan(0, written));
        }
        return [.. stream];
    }
}
