using System.Text;
using Determinism.Debugging.Protocol;
using Determinism.Debugging.Tests.Support;
using Xunit.Abstractions;

namespace Determinism.Debugging.Tests.Protocol;

/// <summary>Whatever comes in, the server answers or closes, and serves the next.</summary>
public class FuzzTests(ITestOutputHelper output)
{
    private static readonly string[] s_packets =
    [
        "?", "g", "G00", "p10", "P10=0011223344556677", "m1000,40", "M1000,2:9090", "X1000,2:ab", "Z0,1003,1", "Z1,1000,1", "Z2,2000,4",
        "Z3,2000,4", "Z4,2010,10", "z0,1003,1", "z2,2000,4", "Hg1", "Hc-1", "T1", "c", "s", "C05", "S05", "bs", "bc", "vCont?", "vCont;c",
        "vCont;s:1;c", "vCont;s:2", "vCont;r1000,1005:1", "vCont;t:1;c", "qSupported:swbreak+;hwbreak+", "QStartNoAckMode", "qC",
        "qfThreadInfo", "qsThreadInfo", "qThreadExtraInfo,1", "qXfer:features:read:target.xml:0,100", "qSymbol::", "qAttached",
        "qRcmd,7365656b203530", "qRcmd,68656c70", "qRcmd,776865726520", "vMustReplyEmpty", "D", "k", "vKill;1", "!",
    ];

    [Fact]
    public void A_hundred_thousand_packets_are_all_answered()
    {
        const int Seed = 20260702, Packets = 120_000;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var target = new HistoryTarget(new ToyHistory(2, 1, 120, 40));
        var session = new GdbSession(target, 1024);
        int answered = 0, errors = 0, ended = 0;
        for (int packet = 0; packet < Packets; packet++)
        {
            byte[] content = Content(random);
            IReadOnlyList<Reply> replies = session.Handle(content, CancellationToken.None);
            if (session.IsOver)
            {
                ended++;
                session = new GdbSession(target, 1024);
                continue;
            }
            Assert.True(replies.Count > 0, $"packet {packet} has no answer: {Encoding.Latin1.GetString(content)}");
            foreach (Reply reply in replies)
            {
                byte[] frame = reply.ToFrame();
                Assert.InRange(frame.Length, 4, 2 * 1024);
                errors += frame[1] == 'E' ? 1 : 0;
            }
            answered++;
        }
        output.WriteLine($"{answered} answered, {errors} with errors, {ended} ended their session");
        // Neither all noise nor all sense.
        Assert.InRange(errors, Packets / 20, Packets / 10 * 9);
        Assert.InRange(ended, 100, Packets / 2);
    }

    [Fact]
    public async Task Streams_of_noise_end_at_worst_their_own_connection()
    {
        const int Seed = 20260703, Streams = 3_000;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var server = new GdbServer(new HistoryTarget(new ToyHistory(2, 1, 120, 40)), new GdbServerOptions { PacketBytes = 1024 });
        for (int stream = 0; stream < Streams; stream++)
        {
            await using var client = new Client(server);
            await client.SendAsync(Noise(random));
        }
        await using var last = new Client(server);
        Assert.StartsWith("T05", await last.AskAsync("?"), StringComparison.Ordinal);
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new List<byte>();
        if (random.Next(10) > 0)
            bytes.Add((byte)'+');
        for (int pieces = random.Next(1, 30); pieces > 0; pieces--)
        {
            byte[] content = Content(random);
            switch (random.Next(8))
            {
                case 0:
                    var noise = new byte[random.Next(50)];
                    random.NextBytes(noise);
                    bytes.AddRange(noise);
                    break;
                case 1:
                    bytes.Add((byte)"+-\u0003$#}*"[random.Next(7)]);
                    break;
                case 2:
                    byte[] cut = Client.Frame(content);
                    bytes.AddRange(cut.AsSpan(0, random.Next(cut.Length)));
                    break;
                case 3:
                    bytes.AddRange(Client.Frame(new string('z', random.Next(3000))));
                    break;
                default:
                    bytes.AddRange(Client.Frame(content));
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Packets as they are, with some bytes changed, cut, glued together, or noise.</summary>
    private static byte[] Content(Random random)
    {
        byte[] content = Encoding.Latin1.GetBytes(s_packets[random.Next(s_packets.Length)]);
        switch (random.Next(6))
        {
            case 0:
                return content;
            case 1:
                content = content[..random.Next(content.Length + 1)];
                break;
            case 2:
                content = [.. content, .. Encoding.Latin1.GetBytes(s_packets[random.Next(s_packets.Length)])];
                break;
            case 3:
                content = new byte[random.Next(40)];
                random.NextBytes(content);
                break;
            case 4:
                string number = random.Next(4) switch { 0 => "ffffffffffffffff", 1 => "0", 2 => "-1", _ => random.NextInt64().ToString("x") };
                string[] parts = Encoding.Latin1.GetString(content).Split(',', ':', ';', '=');
                parts[random.Next(parts.Length)] += number;
                content = Encoding.Latin1.GetBytes(string.Join(",:;="[random.Next(4)], parts));
                break;
        }
        for (int changes = random.Next(3); changes > 0 && content.Length > 0; changes--)
            content[random.Next(content.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"0123456789abcdef,:;=-"[random.Next(21)];
        return content;
    }
}
