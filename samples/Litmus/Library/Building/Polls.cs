using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Litmus;

/// <summary>Writes the polls that a guest must have (docs/guest-abi.md).</summary>
/// <param name="code">Where to.</param>
public sealed class Polls(Assembler code)
{
    private readonly List<(Label Trap, Label Resume)> _traps = [];

    /// <summary>Writes a poll; flags are dead behind it.</summary>
    public void Write()
    {
        Label trap = code.CreateLabel(), resume = code.CreateLabel();
        code.inc(r15);
        code.cmp(r15, __qword_ptr.gs[8]);
        code.jae(trap);
        code.Label(ref resume);
        code.nop();
        _traps.Add((trap, resume));
    }

    /// <summary>Writes the traps of all polls so far, behind the last instruction.</summary>
    public void WriteTraps()
    {
        foreach ((Label trap, Label resume) in _traps)
        {
            Label here = trap;
            code.Label(ref here);
            code.@out((byte)GuestPort.Poll, al);
            code.jmp(resume);
        }
        _traps.Clear();
    }
}
