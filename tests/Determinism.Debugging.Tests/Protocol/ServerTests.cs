using System.Text;
using System.Xml.Linq;
using Determinism.Debugging.Tests.Support;

namespace Determinism.Debugging.Tests.Protocol;

/// <summary>What a server answers, packet by packet.</summary>
public class ServerTests
{
    private const string Features = "qSupported:multiprocess+;swbreak+;hwbreak+";

    [Fact]
    public async Task It_tells_what_it_can()
    {
        await using Client client = Toy();
        Assert.Equal("PacketSize=4000;QStartNoAckMode+;qXfer:features:read+;swbreak+;hwbreak+;vContSupported+;ReverseStep+;ReverseContinue+",
            await client.AskAsync(Features));
        await using var other = new Client(new ScratchTarget(), new GdbServerOptions { PacketBytes = 4096 });
        Assert.Equal("PacketSize=1000;QStartNoAckMode+;qXfer:features:read+;swbreak+;hwbreak+;vContSupported+", await other.AskAsync("qSupported"));
        Assert.Equal("", await other.AskAsync("bs"));
    }

    [Fact]
    public async Task Without_acknowledgements_there_are_none()
    {
        await using Client client = Toy();
        Assert.Equal("OK", await client.AskAsync("QStartNoAckMode"));
        client.IsNoAck = true;
        Assert.Equal("QC1", await client.AskAsync("qC"));
    }

    [Fact]
    public async Task Registers_are_told_with_what_is_unknown()
    {
        await using Client client = Toy();
        string all = await client.AskAsync("g");
        Assert.Equal(2 * TargetDescription.X64.Registers.Sum(register => register.Bytes), all.Length);
        Assert.Equal("0010000000000000", all.Substring(2 * 8 * 16, 16));
        Assert.Equal(new string('x', 20), await client.AskAsync("p18"));
        Assert.Equal("0010000000000000", await client.AskAsync("p10"));
        Assert.Equal("E04", await client.AskAsync("p3b"));
    }

    [Fact]
    public async Task What_is_recorded_cannot_be_written()
    {
        await using Client client = Toy();
        Assert.StartsWith("E.What is recorded", await client.AskAsync("P10=0000000000000000"), StringComparison.Ordinal);
        Assert.StartsWith("E.What is recorded", await client.AskAsync("G" + (await client.AskAsync("g")).Replace('x', '0')), StringComparison.Ordinal);
        Assert.Equal("E03", await client.AskAsync("M1000,1:90"));
        Assert.Equal("E03", await client.AskAsync("X1000,1:\u0090"));
        Assert.Equal("OK", await client.AskAsync("X1000,0:"));
    }

    [Fact]
    public async Task Elsewhere_registers_and_memory_are_written()
    {
        var target = new ScratchTarget();
        await using var client = new Client(target);
        Assert.Equal("OK", await client.AskAsync("P10=8877665544332211"));
        Assert.Equal("8877665544332211", await client.AskAsync("p10"));
        Assert.Equal("OK", await client.AskAsync("G" + new string('1', 2 * TargetDescription.X64.Registers.Sum(register => register.Bytes))));
        Assert.Equal("11111111", await client.AskAsync("p11"));
        Assert.Equal("OK", await client.AskAsync("M10,3:0a0B0c"));
        Assert.Equal("0a0b0c", await client.AskAsync("m10,3"));
        // As the debugger escapes them.
        Assert.Equal("OK", await client.AskAsync("X20,4:}\u0003}\u0004}]*"));
        Assert.Equal("23247d2a", await client.AskAsync("m20,4"));
        Assert.Equal("E03", await client.AskAsync("M1000,1:00"));
        Assert.Equal("E01", await client.AskAsync("M10,2:00"));
        Assert.Equal("E01", await client.AskAsync("P10=00"));
        Assert.Equal("E01", await client.AskAsync("G00"));
    }

    [Fact]
    public async Task Memory_is_read_as_far_as_there_is_any_and_as_a_packet_holds()
    {
        await using Client client = Toy();
        Assert.Equal("90909090", await client.AskAsync("m1000,4"));
        Assert.Equal("0000", await client.AskAsync("m2ffe,10"));
        Assert.Equal("E0e", await client.AskAsync("m3000,1"));
        Assert.Equal("E0e", await client.AskAsync("mffffffffffffffff,ffffffffffffffff"));
        Assert.Equal("", await client.AskAsync("m1000,0"));
        await using var small = new Client(new ScratchTarget(), new GdbServerOptions { PacketBytes = 1024 });
        Assert.InRange((await small.AskAsync("m0,1000")).Length, 500, 1024 - 4);
    }

    [Fact]
    public async Task Breakpoints_stop_forwards_and_backwards()
    {
        await using Client client = Toy(threads: 1);
        await client.AskAsync(Features);
        Assert.Equal("OK", await client.AskAsync("Z0,1003,1"));
        Assert.Equal("T05swbreak:;6:0000000000000000;7:0029000000000000;10:0310000000000000;thread:1;", await client.AskAsync("vCont;c"));
        Assert.Equal("OK", await client.AskAsync("z0,1003,1"));
        Assert.Equal("OK", await client.AskAsync("Z1,1001,1"));
        Assert.StartsWith("T05hwbreak:;", await client.AskAsync("bc"), StringComparison.Ordinal);
        Assert.EndsWith("10:0010000000000000;thread:1;", await client.AskAsync("bs"), StringComparison.Ordinal);
        Assert.StartsWith("T05replaylog:begin;", await client.AskAsync("bc"), StringComparison.Ordinal);
        Assert.StartsWith("T05replaylog:begin;", await client.AskAsync("?"), StringComparison.Ordinal);
        Assert.Equal("OK", await client.AskAsync("z1,1001,1"));
        Assert.StartsWith("T05replaylog:end;", await client.AskAsync("vCont;c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_know_the_words_is_not_told_them()
    {
        await using Client client = Toy(threads: 1);
        await client.AskAsync("Z0,1003,1");
        Assert.StartsWith("T056:", await client.AskAsync("c"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Z2,2000,4", "T05watch:2000;", 4)]
    [InlineData("Z3,2001,1", "T05rwatch:2001;", 4)]
    [InlineData("Z4,2010,8", "T05awatch:2010;", 7)]
    public async Task Watchpoints_stop_behind_the_access_and_backwards_before_it(string point, string told, int instruction)
    {
        await using Client client = Toy(threads: 1);
        Assert.Equal("OK", await client.AskAsync(point));
        string forward = await client.AskAsync("vCont;c");
        Assert.StartsWith(told, forward, StringComparison.Ordinal);
        Assert.Contains($"10:0{instruction}10", forward, StringComparison.Ordinal);
        string backward = await client.AskAsync("bc");
        Assert.StartsWith(told, backward, StringComparison.Ordinal);
        Assert.Contains($"10:0{instruction - 1}10", backward, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_go_one_instruction_or_out_of_a_range()
    {
        await using Client client = Toy(threads: 1);
        Assert.Contains("10:0110", await client.AskAsync("vCont;s:1;c"), StringComparison.Ordinal);
        Assert.Contains("10:0210", await client.AskAsync("s"), StringComparison.Ordinal);
        Assert.Contains("10:0310", await client.AskAsync("S05"), StringComparison.Ordinal);
        Assert.Contains("10:0610", await client.AskAsync("vCont;r1000,1006:1"), StringComparison.Ordinal);
        Assert.StartsWith("T00", await client.AskAsync("vCont;t"), StringComparison.Ordinal);
        Assert.Contains("10:0710", await client.AskAsync("vCont;t:1;s"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Actions_become_requests()
    {
        var target = new ScratchTarget { OnResume = _ => DebugStop.Stepped(7) };
        await using var client = new Client(target);
        await client.AskAsync("vCont;s:7");
        Assert.Equal((true, 7, true), (target.LastRequest!.IsStep, target.LastRequest.Thread, target.LastRequest.IsAlone));
        await client.AskAsync("vCont;s:7;c");
        Assert.Equal((true, 7, false), (target.LastRequest!.IsStep, target.LastRequest.Thread, target.LastRequest.IsAlone));
        await client.AskAsync("vCont;c:7");
        Assert.Equal((false, 7, true), (target.LastRequest!.IsStep, target.LastRequest.Thread, target.LastRequest.IsAlone));
        await client.AskAsync("vCont;C05:-1");
        Assert.Equal((false, 0, false), (target.LastRequest!.IsStep, target.LastRequest.Thread, target.LastRequest.IsAlone));
        await client.AskAsync("vCont;r10,20:7;c:-1");
        Assert.Equal((0x10UL, 0x20UL), (target.LastRequest!.RangeStart, target.LastRequest.RangeEnd));
        await client.AskAsync("Hc7");
        await client.AskAsync("s");
        Assert.Equal((true, 7), (target.LastRequest!.IsStep, target.LastRequest.Thread));
    }

    [Fact]
    public async Task A_program_may_end()
    {
        await using var client = new Client(new ScratchTarget());
        Assert.Equal("W03", await client.AskAsync("vCont;c"));
        Assert.Equal("W03", await client.AskAsync("?"));
    }

    [Fact]
    public async Task Threads_are_listed_and_selected()
    {
        await using Client client = Toy(threads: 3);
        Assert.Equal("m1,2,3", await client.AskAsync("qfThreadInfo"));
        Assert.Equal("l", await client.AskAsync("qsThreadInfo"));
        Assert.Equal("toy 1 at 0", Encoding.UTF8.GetString(Convert.FromHexString(await client.AskAsync("qThreadExtraInfo,2"))));
        Assert.Equal("E02", await client.AskAsync("qThreadExtraInfo,9"));
        Assert.Equal("OK", await client.AskAsync("T3"));
        Assert.Equal("E02", await client.AskAsync("T4"));
        Assert.Equal("OK", await client.AskAsync("Hg3"));
        Assert.Equal("QC3", await client.AskAsync("qC"));
        Assert.Equal("002b000000000000", await client.AskAsync("p7"));
        Assert.Equal("OK", await client.AskAsync("Hg0"));
        Assert.Equal("OK", await client.AskAsync("Hc-1"));
        Assert.Equal("E02", await client.AskAsync("Hg4"));
        Assert.Equal("E01", await client.AskAsync("Hx1"));
    }

    [Fact]
    public async Task The_description_comes_in_pieces_and_is_that_of_the_registers()
    {
        await using Client client = Toy();
        var text = new StringBuilder();
        string piece;
        do
        {
            piece = await client.AskAsync(FormattableString.Invariant($"qXfer:features:read:target.xml:{text.Length:x},1fb"));
            text.Append(piece, 1, piece.Length - 1);
        }
        while (piece[0] == 'm');
        Assert.Equal(TargetDescription.X64.Xml, text.ToString());
        XElement[] registers = [.. XDocument.Parse(text.ToString()).Descendants("reg")];
        Assert.Equal(TargetDescription.X64.Registers.Select(register => (register.Name, 8 * register.Bytes)),
            registers.Select(register => (register.Attribute("name")!.Value, (int)register.Attribute("bitsize")!)));
        Assert.Equal("E01", await client.AskAsync("qXfer:features:read:other.xml:0,10"));
        Assert.Equal("E01", await client.AskAsync("qXfer:features:read:target.xml:fffff,10"));
        Assert.Equal("l", await client.AskAsync(FormattableString.Invariant($"qXfer:features:read:target.xml:{text.Length:x},10")));
    }

    [Fact]
    public async Task Commands_are_answered_however_long_the_answer_is()
    {
        await using var client = new Client(new ScratchTarget());
        Assert.Equal("hello\n", await MonitorAsync(client, "hello"));
        Assert.Equal(new string('x', 100_000), await MonitorAsync(client, "long"));
        Assert.Equal("Not now.\n", await MonitorAsync(client, "refuse"));
        Assert.Equal("E01", await client.AskAsync("qRcmd,6"));
    }

    [Fact]
    public async Task Small_questions_have_small_answers()
    {
        await using Client client = Toy();
        Assert.Equal("OK", await client.AskAsync("qSymbol::"));
        Assert.Equal("1", await client.AskAsync("qAttached"));
        Assert.Equal("vCont;c;C;s;S;t;r", await client.AskAsync("vCont?"));
        foreach (string unknown in (string[])["", "vMustReplyEmpty", "qOffsets", "qTStatus", "QNonStop:1", "!", "R00", "Z9,0,1", "qXfer:memory-map:read::0,10", "bx"])
            Assert.Equal("", await client.AskAsync(unknown));
    }

    [Theory]
    [InlineData("m")]
    [InlineData("m1000")]
    [InlineData("m1000,")]
    [InlineData("m1000,1x")]
    [InlineData("m11111111111111111,1")]
    [InlineData("p")]
    [InlineData("P0")]
    [InlineData("Pzz=00")]
    [InlineData("Gx")]
    [InlineData("Z0")]
    [InlineData("Z0,1000")]
    [InlineData("Z2,1000,0")]
    [InlineData("Z2,ffffffffffffffff,2")]
    [InlineData("Z0,1000,1;X1,2")]
    [InlineData("H")]
    [InlineData("T")]
    [InlineData("b")]
    [InlineData("vCont")]
    [InlineData("vCont;")]
    [InlineData("vCont;x")]
    [InlineData("vCont;r1")]
    [InlineData("vCont;C")]
    [InlineData("vCont;s:")]
    [InlineData("c1000")]
    [InlineData("C")]
    [InlineData("?x")]
    [InlineData("gx")]
    [InlineData("qXfer:features:read:target.xml")]
    [InlineData("qXfer:features:read:target.xml:0,80000000")]
    [InlineData("qThreadExtraInfo,")]
    [InlineData("M1000,1:9")]
    public async Task What_is_malformed_is_answered_with_an_error(string packet)
    {
        await using Client client = Toy();
        Assert.Equal("E01", await client.AskAsync(packet));
        Assert.Equal("QC1", await client.AskAsync("qC"));
    }

    [Fact]
    public async Task There_is_a_bound_on_points()
    {
        await using Client client = Toy();
        await client.AskAsync("QStartNoAckMode");
        client.IsNoAck = true;
        for (int point = 0; point < 4096; point++)
            Assert.Equal("OK", await client.AskAsync(FormattableString.Invariant($"Z0,{point:x},1")));
        Assert.Equal("E05", await client.AskAsync("Z0,1000,1"));
        Assert.Equal("OK", await client.AskAsync("Z0,0,1"));
        Assert.Equal("OK", await client.AskAsync("z0,0,1"));
        Assert.Equal("OK", await client.AskAsync("Z0,1000,1"));
    }

    internal static async Task<string> MonitorAsync(Client client, string command)
    {
        var printed = new StringBuilder();
        string reply = await client.AskAsync("qRcmd," + Convert.ToHexString(Encoding.UTF8.GetBytes(command)));
        for (; reply.StartsWith('O') && reply != "OK"; reply = await client.ReadReplyAsync())
            printed.Append(Encoding.UTF8.GetString(Convert.FromHexString(reply[1..])));
        Assert.Equal("OK", reply);
        return printed.ToString();
    }

    private static Client Toy(int threads = 1) => new(new HistoryTarget(new ToyHistory(threads, 2, 300, 50)));
}
