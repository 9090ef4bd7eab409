using System.Text;
using Determinism.Guests.Build;
using Iced.Intel;

namespace Determinism.Guests.Tests.Binaries;

public class GuestBinaryTests
{
    public static TheoryData<string> Guests => [.. GuestBinary.Names];

    [Fact]
    public void Every_source_has_its_binary()
    {
        Assert.Equal(new GuestBuilder(GuestBinary.SourceFolder, polls: true).Guests, GuestBinary.Names);
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void Every_cycle_of_control_flow_and_of_calls_has_a_poll(string name)
    {
        var guest = GuestBinary.Read(name);
        var graph = new CodeGraph(guest.Text, guest.TextAddress, guest.Functions);

        Assert.Empty(graph.FindFaults());
        Assert.True(graph.PollCount > 5);
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void No_instruction_is_one_that_guests_may_not_use(string name)
    {
        var guest = GuestBinary.Read(name);
        var graph = new CodeGraph(guest.Text, guest.TextAddress, guest.Functions);

        Assert.All(graph.Instructions, instruction => Assert.True(
            !Forbidden.Contains(instruction.Mnemonic)
            && (instruction.Mnemonic != Mnemonic.Out || instruction is { Op0Kind: OpKind.Immediate8, Op1Register: Register.AL })
            && instruction.Code.CpuidFeatures().All(feature => Allowed.Contains(feature)),
            $"{instruction.IP:x}: {instruction}"));
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void Functions_cover_the_text_and_segments_share_no_frame(string name)
    {
        var guest = GuestBinary.Read(name);
        var end = guest.TextAddress;
        foreach (var function in guest.Functions)
        {
            Assert.InRange(function.Address, end, end + 15); // alignment only
            end = function.Address + function.Size;
        }
        Assert.Equal(guest.TextAddress + (ulong)guest.Text.Length, end);

        Assert.Equal(0x400000u, guest.Entry);
        Assert.Equal([5u, 4u, 6u], guest.Segments.Select(segment => segment.Flags));
        Assert.All(guest.Segments, segment => Assert.Equal(0u, segment.Address % 4096));
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void A_binary_tells_nothing_of_the_machine_that_built_it(string name)
    {
        var guest = GuestBinary.Read(name);
        var text = Encoding.Latin1.GetString(guest.File);

        Assert.DoesNotContain(guest.SectionNames, section => section.StartsWith(".debug", StringComparison.Ordinal));
        Assert.DoesNotContain("GCC:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/tmp", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/home", text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_committed_binaries_are_what_their_sources_give()
    {
        var compiler = GuestBuilder.FindCompilerMajorVersion();
        Skip.If(compiler is null, "there is no gcc");
        Skip.If(compiler != GuestBuilder.CompilerMajorVersion, $"gcc is {compiler}, not {GuestBuilder.CompilerMajorVersion}");

        Assert.Empty(new GuestBuilder(GuestBinary.SourceFolder, polls: true).FindDifferences(GuestBinary.Folder));
    }

    private static readonly HashSet<Mnemonic> Forbidden =
    [
        Mnemonic.Pushf, Mnemonic.Pushfd, Mnemonic.Pushfq, Mnemonic.Popf, Mnemonic.Popfd, Mnemonic.Popfq, Mnemonic.Cli,
        Mnemonic.Sti, Mnemonic.In, Mnemonic.Insb, Mnemonic.Insd, Mnemonic.Insw, Mnemonic.Outsb, Mnemonic.Outsd,
        Mnemonic.Outsw, Mnemonic.Xgetbv, Mnemonic.Rcpss, Mnemonic.Rsqrtss, Mnemonic.Rcpps, Mnemonic.Rsqrtps,
        Mnemonic.Ldmxcsr, Mnemonic.Stmxcsr, Mnemonic.Rdtsc, Mnemonic.Rdtscp, Mnemonic.Rdrand, Mnemonic.Rdseed,
        Mnemonic.Cpuid, Mnemonic.Syscall, Mnemonic.Hlt, Mnemonic.Int, Mnemonic.Int3,
    ];

    private static readonly HashSet<CpuidFeature> Allowed =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386,
        CpuidFeature.INTEL486, CpuidFeature.X64, CpuidFeature.CMOV, CpuidFeature.MULTIBYTENOP, CpuidFeature.PAUSE,
        CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.CMPXCHG16B, CpuidFeature.CX8,
    ];
}
