using Determinism.Diagnostics;
using Determinism.Guests;
using Determinism.Machine;
using Determinism.SharingOverhead.Advice;
using Determinism.X86;
using Iced.Intel;

namespace Determinism.SharingOverhead.Tests;

public class AdviceTests
{
    private static readonly ElfImage s_water = GuestCatalog.Find("water")!.Load();

    private static readonly MachineShape s_shape = new() { VcpuCount = 2, MemoryBytes = 64 << 20 };

    [Fact]
    public void TwoVariablesInOneFrameAreNamed()
    {
        ElfSymbol first = Variable("energy"), second = Variable("last_energy");
        Assert.Equal(s_shape.FrameOf(first.Address), s_shape.FrameOf(second.Address));
        string text = Advise(first, Instruction(first), Instruction(second));
        Assert.Contains("energy (vCPU 0) and last_energy (vCPU 1) share a page", text, StringComparison.Ordinal);
        Assert.Contains("20 handovers", text, StringComparison.Ordinal);
        Assert.Contains("0↔1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void OneVariableThatBothAreAtIsNoFalseSharing()
    {
        ElfSymbol energy = Variable("energy");
        string text = Advise(energy, Instruction(energy), Instruction(energy));
        Assert.Contains("holds ", text, StringComparison.Ordinal);
        Assert.Contains("energy", text, StringComparison.Ordinal);
        Assert.DoesNotContain("share a page", text, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatGoesThroughAPointerGivesNoVerdict()
    {
        ElfSymbol energy = Variable("energy");
        string text = Advise(energy, Instruction(energy), Instruction(null));
        Assert.DoesNotContain("share a page", text, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingSharedNeedsNoAdvice() => Assert.Empty(SharingAdvice.Of(new SharingProfile(), s_water, s_shape));

    private static string Advise(ElfSymbol shared, ulong byFirst, ulong bySecond)
    {
        ulong frame = s_shape.FrameOf(shared.Address);
        var profile = new SharingProfile();
        profile.Add(new Steal(frame, 0, 1, byFirst, 0), 10);
        profile.Add(new Steal(frame, 1, 0, bySecond, 0), 10);
        return string.Join('\n', SharingAdvice.Of(profile, s_water, s_shape));
    }

    private static ElfSymbol Variable(string name) => s_water.Symbols.Single(symbol => symbol.Name == name);

    /// <summary>An instruction that names a variable, or one that goes through a pointer.</summary>
    private static ulong Instruction(ElfSymbol? variable)
    {
        ElfSegment code = s_water.Segments.First(static segment => segment.IsExecutable);
        ReadOnlySpan<byte> bytes = s_water.Content(code);
        var reader = new InstructionReader();
        foreach (ElfSymbol function in s_water.Symbols.Where(static symbol => symbol.IsFunction))
        {
            ulong end = function.Address + function.Bytes;
            for (ulong at = function.Address; at < end;)
            {
                Assert.True(reader.TryRead(bytes[(int)(at - code.Address)..], at, out Instruction instruction));
                bool hasMemory = Enumerable.Range(0, instruction.OpCount).Any(operand => instruction.GetOpKind(operand) == OpKind.Memory);
                if (hasMemory && (variable is null ? instruction.MemoryDisplacement64 == 0 : instruction.MemoryDisplacement64 == variable.Address))
                    return at;
                at = instruction.NextIP;
            }
        }
        throw new InvalidOperationException("There is no such instruction.");
    }
}
