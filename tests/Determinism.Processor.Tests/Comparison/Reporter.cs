using System.Text;
using Determinism.ProcessorTests.Generation;

namespace Determinism.ProcessorTests.Comparison;

/// <summary>Cuts a snippet that came out differently down to the unit at fault, and tells about it.</summary>
internal static unsafe class Reporter
{
    /// <summary>Describes a difference by the shortest beginning of the snippet that shows it.</summary>
    /// <param name="differential">What found it.</param>
    /// <param name="snippet">The snippet.</param>
    /// <param name="difference">The difference that the whole snippet shows.</param>
    /// <param name="expected">The processor that is right, to ask for the state before the unit at fault.</param>
    /// <param name="culprit">The unit at fault.</param>
    public static string Describe(Differential differential, Snippet snippet, string difference, IProcessor expected, out Unit culprit)
    {
        var shortest = snippet;
        for (var units = 1; units < snippet.Units.Count; units++)
        {
            var prefix = snippet.Prefix(units);
            if (differential.Run([prefix]) is [var (_, shorter)])
            {
                shortest = prefix;
                difference = shorter;
                break;
            }
        }
        culprit = shortest.Units[^1];
        var alone = shortest;
        var needsContext = false;
        if (shortest.Units.Count > 1)
        {
            alone = StateBefore(differential, shortest, expected);
            needsContext = differential.Run([alone]).Count == 0;
        }

        var text = new StringBuilder();
        text.Append($"{snippet.Origin}, unit {shortest.Units.Count}: {culprit}\n");
        if (needsContext)
        {
            text.Append(" only after:\n");
            foreach (var unit in shortest.Units.SkipLast(1))
                text.Append($"  {unit}\n");
        }
        text.Append(" from:");
        for (var i = 0; i < 16; i++)
            text.Append($"{(i % 4 == 0 ? "\n  " : " ")}{Iced.Intel.Register.RAX + i}={alone.Gpr[i]:x16}");
        text.Append($"\n  flags {FlagText.Of(alone.Flags)}, window around {alone.Middle:x}\n");
        foreach (var register in Vectors(culprit))
            text.Append($"  XMM{register}={alone.Xmm[register]:x32}\n");
        text.Append(" differs in:\n").Append(difference);
        return text.ToString();
    }

    // A snippet of the last unit alone, which starts from what the processor that is right made of those before it.
    private static Snippet StateBefore(Differential differential, Snippet snippet, IProcessor expected)
    {
        var before = snippet.Prefix(snippet.Units.Count - 1);
        differential.Run([before]);
        var outputs = expected.Memory + Layout.Slot(snippet.Slot) + Layout.Outputs;
        var alone = new Snippet(snippet.Slot) { Origin = snippet.Origin, Flags = *(ushort*)(outputs + Layout.FlagsOffset) };
        for (var i = 0; i < 16; i++)
        {
            alone.Gpr[i] = ((ulong*)outputs)[i];
            alone.Xmm[i] = ((UInt128*)(outputs + Layout.XmmOffset))[i];
        }
        new ReadOnlySpan<byte>(expected.Memory + snippet.Middle - (Layout.WindowBytes / 2), Layout.WindowBytes).CopyTo(alone.Window);
        alone.Units.Add(snippet.Units[^1]);
        return alone;
    }

    private static SortedSet<int> Vectors(Unit unit)
    {
        var info = new Iced.Intel.InstructionInfoFactory();
        var used = new SortedSet<int>();
        foreach (var instruction in unit.Instructions)
        {
            foreach (var register in info.GetInfo(instruction).GetUsedRegisters())
            {
                if (register.Register is >= Iced.Intel.Register.XMM0 and <= Iced.Intel.Register.XMM15)
                    used.Add(register.Register - Iced.Intel.Register.XMM0);
            }
        }
        return used;
    }
}
