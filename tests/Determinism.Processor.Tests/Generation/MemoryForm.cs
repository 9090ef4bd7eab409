using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>Chooses how an instruction addresses its memory operand, and registers to suit.</summary>
internal static class MemoryForm
{
    /// <summary>Makes an instruction's memory operand mean one address, by any addressing mode.</summary>
    /// <param name="instruction">The instruction; its form is set.</param>
    /// <param name="target">The address, that of the first byte; null if any will do because nothing is accessed.</param>
    /// <param name="constraints">What registers must hold.</param>
    /// <param name="random">Choices.</param>
    /// <returns>False if the choice made cannot be had together with the constraints.</returns>
    public static bool TryChoose(ref Instruction instruction, ulong? target, Constraints constraints, Pcg random)
    {
        if (target is { } wanted && random.Below(8) == 0)
        {
            var segment = random.OneIn(2) ? Register.FS : Register.GS;
            instruction.SegmentPrefix = segment;
            target = wanted - (segment == Register.FS ? Comparison.Layout.FsBase : Comparison.Layout.GsBase);
            if (random.OneIn(4))
                return TryAbsolute(ref instruction, target.Value);
        }
        else
        {
            if (random.Below(10) == 0)
                return TryRipRelative(ref instruction, target ?? 0x40_0000);
            if (random.Below(16) == 0)
                return TryAbsolute(ref instruction, target ?? random.Next() >> 1);
            if (random.Below(20) == 0)
                return TryNarrow(ref instruction, target, constraints, random);
        }
        var hasBase = random.Below(8) != 0;
        var hasIndex = !hasBase || random.OneIn(2);
        var @base = hasBase ? Register.RAX + random.Below(16) : Register.None;
        var index = hasIndex ? Register.RAX + random.Below(16) : Register.None;
        if (index == Register.RSP)
            return false;
        var scale = hasIndex ? 1UL << random.Below(4) : 1;
        instruction.MemoryBase = @base;
        instruction.MemoryIndex = index;
        instruction.MemoryIndexScale = (int)scale;
        var displacement = Displacement(random);
        if (target is not { } address)
            return SetDisplacement(ref instruction, displacement, narrow: false);
        address -= PopBias(instruction, @base);

        if (!hasBase)
        {
            if (constraints.Has(index))
                return SetDisplacement(ref instruction, (long)(address - (constraints[index] * scale)), narrow: false);
            displacement += (long)((address - (ulong)displacement) % scale);
            return SetDisplacement(ref instruction, displacement, narrow: false)
                && constraints.Set(index, (address - (ulong)displacement) / scale, random);
        }
        if (hasIndex && index != @base && !constraints.Has(index))
            constraints.Set(index, random.OneIn(2) ? Values.Integer(random) : (ulong)(long)random.Between(-16, 16), random);
        if (index == @base && !constraints.Has(@base))
            constraints.Set(@base, (ulong)random.Below(1 << 16), random);
        var scaled = !hasIndex ? 0 : constraints[index] * scale;
        if (constraints.Has(@base))
            return SetDisplacement(ref instruction, (long)(address - scaled - constraints[@base]), narrow: false);
        return SetDisplacement(ref instruction, displacement, narrow: false)
            && constraints.Set(@base, address - scaled - (ulong)displacement, random);
    }

    // POP computes its operand's address after it has moved RSP.
    private static ulong PopBias(in Instruction instruction, Register @base) =>
        instruction.Mnemonic == Mnemonic.Pop && @base == Register.RSP ? (ulong)instruction.MemorySize.GetSize() : 0;

    private static bool TryRipRelative(ref Instruction instruction, ulong target)
    {
        instruction.MemoryBase = Register.RIP;
        instruction.MemoryDisplacement64 = target;
        instruction.MemoryDisplSize = 8;
        return true;
    }

    private static bool TryAbsolute(ref Instruction instruction, ulong target)
    {
        instruction.MemoryIndexScale = 1;
        return SetDisplacement(ref instruction, (long)target, narrow: false);
    }

    // Addresses computed with 32 bits: the upper halves of the registers must not matter.
    private static bool TryNarrow(ref Instruction instruction, ulong? target, Constraints constraints, Pcg random)
    {
        var @base = Register.EAX + random.Below(16);
        if (constraints.Has(@base) || instruction.Mnemonic == Mnemonic.Pop)
            return false;
        instruction.MemoryBase = @base;
        instruction.MemoryIndexScale = 1;
        var displacement = Displacement(random);
        if (target is { } address && !constraints.Set(@base, (uint)(address - (ulong)displacement), random))
            return false;
        return SetDisplacement(ref instruction, displacement, narrow: true);
    }

    private static long Displacement(Pcg random) => random.Below(4) switch
    {
        0 => 0,
        1 => (int)random.Next(),
        _ => random.Between(-128, 127),
    };

    private static bool SetDisplacement(ref Instruction instruction, long displacement, bool narrow)
    {
        if (displacement != (int)displacement)
            return false;
        var none = displacement == 0 && instruction.MemoryBase != Register.None;
        var small = displacement == (sbyte)displacement && instruction.MemoryBase != Register.None;
        instruction.MemoryDisplacement64 = narrow ? (uint)displacement : (ulong)displacement;
        instruction.MemoryDisplSize = none ? 0 : small ? 1 : narrow ? 4 : 8;
        return true;
    }
}
