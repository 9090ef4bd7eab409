using Iced.Intel;

namespace Determinism.X86.Tests;

/// <summary>Small programs for the check.</summary>
internal static class GuestProgram
{
    public const ulong Base = 0x400000;

    /// <summary>The program that is written, entered at its first byte.</summary>
    public static GuestCode Assemble(Action<Assembler> write, params ulong[] dataWords)
    {
        var code = new Assembler(64);
        write(code);
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), Base);
        return Of(stream.ToArray(), dataWords);
    }

    public static GuestCode Of(byte[] bytes, params ulong[] dataWords) => new()
    {
        Regions = [new CodeRegion(Base, bytes)],
        Entries = [Base],
        DataWords = dataWords,
    };

    public static GuestCodeReport Check(Action<Assembler> write, GuestCodeRules rules = GuestCodeRules.SoftwareCounter) =>
        GuestCodeCheck.Check(Assemble(write), rules);

    public static void AssertAccepted(Action<Assembler> write) => Assert.Empty(Check(write).Refusals);

    /// <summary>That there is one refusal, of this kind and at this place.</summary>
    public static CodeRefusal AssertRefused(Action<Assembler> write, CodeRefusalKind kind, ulong offset) =>
        AssertRefused(Check(write), kind, offset);

    /// <summary>That there is one refusal, of this kind and at this place.</summary>
    public static CodeRefusal AssertRefused(GuestCodeReport report, CodeRefusalKind kind, ulong offset)
    {
        CodeRefusal refusal = Assert.Single(report.Refusals);
        Assert.Equal((kind, Base + offset), (refusal.Kind, refusal.Address));
        Assert.False(report.IsAccepted);
        return refusal;
    }

    /// <summary>Writes a poll; the result writes its trap.</summary>
    public static Action Poll(this Assembler code)
    {
        Label trap = code.CreateLabel(), resume = code.CreateLabel();
        code.inc(AssemblerRegisters.r15);
        code.cmp(AssemblerRegisters.r15, AssemblerRegisters.__qword_ptr.gs[8]);
        code.jae(trap);
        code.Label(ref resume);
        // A label needs an instruction of its own.
        code.nop();
        return () =>
        {
            code.Label(ref trap);
            code.@out(0x10, AssemblerRegisters.al);
            code.jmp(resume);
        };
    }

    /// <summary>Ends the vCPU.</summary>
    public static void Exit(this Assembler code) => code.@out(0x11, AssemblerRegisters.al);
}
