using System.Text;
using Determinism.Debugging.Protocol;
using Determinism.Debugging.Tests.Support;

namespace Determinism.Debugging.Tests.Protocol;

/// <summary>Frames, checksums, escapes, runs.</summary>
public class PacketTests
{
    [Fact]
    public void What_is_written_is_what_is_read_whatever_the_bytes_are()
    {
        const int Seed = 1;
        var random = new Random(Seed);
        for (int trial = 0; trial < 20_000; trial++)
        {
            var content = new byte[random.Next(300)];
            for (int at = 0; at < content.Length; at++)
                content[at] = at > 0 && random.Next(4) > 0 ? content[at - 1] : random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"$#*}+-"[random.Next(6)];
            string frame = Encoding.Latin1.GetString(new Reply().Bytes(content).ToFrame());
            Assert.Equal('$', frame[0]);
            Assert.Equal('#', frame[^3]);
            Assert.Equal(-1, frame.IndexOfAny(['$', '#'], 1, frame.Length - 4));
            Assert.Equal(Encoding.Latin1.GetString(content), Client.Expand(frame[1..^3]));
        }
    }

    [Fact]
    public void Runs_are_shortened() =>
        Assert.Equal("$0* #7a", Encoding.Latin1.GetString(new Reply().Text("0000").ToFrame()));

    [Fact]
    public void A_run_of_seven_is_not_written_with_the_end_of_a_frame() =>
        Assert.DoesNotContain("*#", Encoding.Latin1.GetString(new Reply().Text("00000000").ToFrame()), StringComparison.Ordinal);

    [Theory]
    [InlineData("$g#67", "Packet:g")]
    [InlineData("$g#68", "Damaged:")]
    [InlineData("$g#6x", "Damaged:")]
    [InlineData("noise$g#67", "Packet:g")]
    [InlineData("+-\u0003", "Acknowledged:,Refused:,Interrupt:")]
    [InlineData("$lost$g#67", "Packet:g")]
    [InlineData("$#00", "Packet:")]
    [InlineData("$}\u0003#80", "Packet:#")]
    [InlineData("$12345678901234567#79", "TooLong:")]
    [InlineData("$m\u0003#70$g#67", "Packet:m\u0003,Packet:g")]
    public void Bytes_become_packets(string bytes, string expected)
    {
        var reader = new PacketReader(16);
        var found = new List<string>();
        foreach (byte next in Encoding.Latin1.GetBytes(bytes))
        {
            PacketInput input = reader.Push(next);
            if (input != PacketInput.Nothing)
                found.Add($"{input}:{(input == PacketInput.Packet ? Encoding.Latin1.GetString(reader.Packet) : "")}");
        }
        Assert.Equal(expected, string.Join(",", found));
    }
}
