using Determinism.Log;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Machine.Tests;

/// <summary>RDTSC and CPUID become services when a guest is loaded.</summary>
public class PatchTests
{
    private const ulong Kept = AssembledGuest.Data;

    // What would be RDTSC and CPUID.
    private static readonly byte[] s_data = [0x0F, 0x31, 0x0F, 0xA2];

    [Theory]
    [InlineData(ClockKind.RetiredInstructions)]
    [InlineData(ClockKind.SoftwareCounter)]
    public void A_time_stamp_is_an_input_and_the_processor_a_fixed_one(ClockKind clock)
    {
        MachineConfiguration configuration = AssembledGuest.Configure(1, clock, Write);
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", 1), log);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
        // The control: another recording has read another time; hardly ever the same one.
        string? difference = null;
        for (int round = 0; round < 20 && difference is null; round++)
        {
            difference = MachineRunner.Record(configuration, MachineRunner.MakeScheduler("parallel", 1),
                new MemoryEventLog(configuration.Shape.AgentCount)).FindDifference(recorded);
        }
        // Somewhere in the eight bytes at 0x410000.
        Assert.StartsWith("memory differs from byte 0x41000", difference, StringComparison.Ordinal);

        static void Write(Assembler code)
        {
            Label bad = code.CreateLabel(), end = code.CreateLabel();
            code.mov(rsi, Kept);
            code.rdtsc();
            code.shl(rdx, 32);
            code.or(rax, rdx);
            code.mov(__qword_ptr[rsi], rax);
            code.xor(eax, eax);
            code.cpuid();
            // "Dete" in EBX, "rmin" in EDX, "ismV" in ECX.
            code.cmp(ebx, 0x65746544);
            code.jne(bad);
            code.cmp(edx, 0x6E696D72);
            code.jne(bad);
            code.cmp(ecx, 0x566D7369);
            code.jne(bad);
            code.mov(eax, 1);
            code.cpuid();
            // SSE2.
            code.bt(edx, 26);
            code.mov(rdi, 0UL);
            code.jc(end);
            code.Label(ref bad);
            code.mov(rdi, 1UL);
            code.Label(ref end);
            code.@out((byte)GuestPort.Exit, al);
        }
    }

    [Fact]
    public void Only_what_can_be_reached_is_patched_and_the_file_is_not()
    {
        MachineConfiguration configuration = AssembledGuest.Configure(1, ClockKind.SoftwareCounter, code =>
        {
            code.rdtsc();
            code.Service(GuestPort.Exit);
            // Data among the code.
            code.db(s_data);
        });
        using GuestMachine machine = MachineRunner.NewMachine(configuration);
        ReadOnlySpan<byte> loaded = machine.Processors.Memory.Slice(AssembledGuest.Code, 64);
        Assert.Equal([0xE6, (byte)GuestPort.TimeStamp], loaded[..2].ToArray());
        Assert.True(loaded.IndexOf(s_data) > 0);
        Assert.True(configuration.Image.Content(configuration.Image.Segments[0]).StartsWith(s_data.AsSpan(0, 2)));
        Assert.Equal(X86.CodePatchKind.TimeStamp, Assert.Single(
            GuestCheck.Check(configuration.Image, ClockKind.SoftwareCounter).Patches).Kind);
    }

    [Fact]
    public void What_is_longer_or_has_no_service_is_refused()
    {
        foreach (byte[] bytes in (byte[][])[[0x66, 0x0F, 0x31], [0x0F, 0x01, 0xF9], [0x0F, 0xC7, 0xF0]])
        {
            MachineConfiguration configuration = AssembledGuest.Configure(1, ClockKind.SoftwareCounter, code =>
            {
                code.db(bytes);
                code.Service(GuestPort.Exit);
            });
            Assert.Contains("0x400000", Assert.Single(GuestCheck.FindObstacles(configuration)), StringComparison.Ordinal);
        }
    }
}
