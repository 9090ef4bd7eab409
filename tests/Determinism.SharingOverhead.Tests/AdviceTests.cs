using System.Buffers.Binary;
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
        byte[] profile = [.. Entry(frame, 0, 1, byFirst), .. Entry(frame, 1, 0, bySecond)];
        return string.Join('\n', SharingAdvice.Of(SharingProfile.FromBytes(profile), s_water, s_shape));
    }

    // The format of docs/log-format.md: frame, winner, loser, both instructions, count.
    private static byte[] Entry(ulong frame, int winner, int loser, ulong instruction)
    {
        var entry = new byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(entry, frame);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(8), winner);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(12), loser);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), instruction);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(32), 10);
        return entry;
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
