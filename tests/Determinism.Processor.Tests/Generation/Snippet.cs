using Determinism.ProcessorTests.Comparison;
using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>A few instructions that belong together, with what has to be known to judge their result.</summary>
/// <param name="Instructions">The instructions. A near branch, or an operand relative to RIP, to an address n below
/// <see cref="LabelLimit"/> means instruction n; n may be one past the last. <see cref="LabelLimit"/> more means the last four
/// bytes before it.</param>
/// <param name="Subject">Index of the instruction that it is about; those before it only set the scene.</param>
/// <param name="Flags">What all of them together do to the flags.</param>
/// <param name="UndefinedRegister">A general register with an undefined value afterwards, or -1.</param>
internal sealed record Unit(Instruction[] Instructions, int Subject, FlagEffects Flags, int UndefinedRegister)
{
    public const ulong LabelLimit = 64;

    /// <summary>The address that a label stands for.</summary>
    /// <param name="label">A label, or an address of another kind.</param>
    /// <param name="addresses">Addresses of the instructions.</param>
    public static ulong Resolve(ulong label, ulong[] addresses) => label switch
    {
        < LabelLimit => addresses[label],
        < 2 * LabelLimit => addresses[label - LabelLimit] - 4,
        _ => label,
    };

    public override string ToString() => string.Join("; ", Instructions.Select(i => i.ToString()));
}

/// <summary>State to start from and code to run: a test case.</summary>
internal sealed class Snippet
{
    public Snippet(int slot) => Slot = slot;

    public int Slot { get; }

    /// <summary>What says how to make it again.</summary>
    public string Origin { get; init; } = "";

    /// <summary>By encoding: RAX, RCX, RDX, RBX, RSP...</summary>
    public ulong[] Gpr { get; } = new ulong[16];

    public UInt128[] Xmm { get; } = new UInt128[16];

    /// <summary>Overflow in bit 0; sign, zero, adjust, parity and carry as LAHF puts them into bits 8 to 15.</summary>
    public ushort Flags { get; set; }

    public byte[] Window { get; } = new byte[Layout.WindowBytes];

    public List<Unit> Units { get; } = [];

    /// <summary>Middle of the window: the boundary of two pages.</summary>
    public ulong Middle => Layout.Slot(Slot) + Layout.Middle;

    /// <summary>Flags that are undefined at the end.</summary>
    public uint UndefinedFlags
    {
        get
        {
            var undefined = RflagsBits.None;
            foreach (var unit in Units)
                undefined = (RflagsBits)unit.Flags.After((uint)undefined);
            return (uint)undefined;
        }
    }

    /// <summary>The first units of this snippet.</summary>
    public Snippet Prefix(int units)
    {
        var prefix = new Snippet(Slot) { Origin = Origin, Flags = Flags };
        Gpr.CopyTo(prefix.Gpr, 0);
        Xmm.CopyTo(prefix.Xmm, 0);
        Window.CopyTo(prefix.Window, 0);
        prefix.Units.AddRange(Units.Take(units));
        return prefix;
    }
}
