using Determinism.ProcessorTests.Comparison;
using Iced.Intel;

namespace Determinism.ProcessorTests.Generation;

/// <summary>Makes test cases from a seed: the same seed and number, the same test case.</summary>
/// <param name="seed">The seed of a run.</param>
/// <param name="forms">Instruction forms to use.</param>
internal sealed class SnippetGenerator(ulong seed, Code[] forms)
{
    private const int MostUnits = 14;

    private readonly Code[] _withFlags = forms.Intersect(InstructionForms.WithFlags).ToArray();

    /// <summary>Test case number <paramref name="number"/> of one instruction, forms taking turns.</summary>
    public Snippet Single(ulong number, int slot)
    {
        var random = new Pcg(seed, number);
        var snippet = Start(random, slot, $"seed {seed}, single {number}");
        Constraints constraints;
        Unit unit;
        if (random.Below(16) == 0)
            unit = new BranchUnits(snippet.Middle, random).Create(out constraints);
        else
            unit = new PlainUnits(snippet.Middle, alone: true, random).Create(forms[(int)(number % (ulong)forms.Length)], out constraints);
        constraints.ApplyTo(snippet);
        snippet.Units.Add(unit);
        return snippet;
    }

    /// <summary>Test case number <paramref name="number"/> of several instructions that see each other's results.</summary>
    public Snippet Sequence(ulong number, int slot)
    {
        var random = new Pcg(~seed, number);
        var snippet = Start(random, slot, $"seed {seed}, sequence {number}");
        var plain = new PlainUnits(snippet.Middle, alone: false, random);
        var branches = new BranchUnits(snippet.Middle, random);
        var undefined = 0U;
        var units = random.Between(2, MostUnits);
        // Half of them dense with flags: those are computed late, or not at all if nothing reads them.
        var dense = random.OneIn(2) && _withFlags.Length > 0;
        for (var i = 0; i < units; i++)
        {
            Constraints constraints;
            var unit = random.Below(6) == 0
                ? branches.Create(out constraints)
                : plain.Create(random.Pick<Code>(dense && random.Below(5) != 0 ? _withFlags : forms), out constraints);
            var code = new List<Instruction>();
            // Nothing may depend on an undefined flag: the two processors need not agree on it.
            var define = (unit.Flags.Read & undefined) != 0;
            constraints.AppendTo(code);
            if (define)
                code.Add(Instruction.Create(Code.Cmp_r64_rm64, Register.RAX + random.Below(16), Register.RAX + random.Below(16)));
            var before = code.Count;
            foreach (var instruction in unit.Instructions)
                code.Add(Shifted(instruction, (uint)before));
            var flags = define ? new FlagEffects(0, FlagEffects.Status, 0).Then(unit.Flags) : unit.Flags;
            snippet.Units.Add(new Unit([.. code], before + unit.Subject, flags, -1));
            undefined = flags.After(undefined);
        }
        return snippet;
    }

    private static Snippet Start(Pcg random, int slot, string origin)
    {
        var snippet = new Snippet(slot) { Origin = origin, Flags = (ushort)((random.Next() & 0xD501) | 0x200) };
        for (var i = 0; i < 16; i++)
        {
            snippet.Gpr[i] = i > 0 && random.OneIn(6) ? snippet.Gpr[random.Below(i)] : Values.Integer(random);
            snippet.Xmm[i] = i > 0 && random.OneIn(6) ? snippet.Xmm[random.Below(i)] : Values.Vector(random);
        }
        snippet.Gpr[4] = snippet.Middle + (ulong)random.Below(64); // RSP: see Differential.RunAll
        Values.Fill(random, snippet.Window);
        return snippet;
    }

    private static Instruction Shifted(Instruction instruction, uint by)
    {
        if (instruction.Op0Kind == OpKind.NearBranch64)
            instruction.NearBranch64 += by;
        else if (instruction.IsIPRelativeMemoryOperand && instruction.MemoryDisplacement64 < 2 * Unit.LabelLimit)
            instruction.MemoryDisplacement64 += by;
        return instruction;
    }
}
