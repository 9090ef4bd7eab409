namespace Determinism.Model.Tests.Checking;

/// <summary>The name of a transition: who, which step, and one operand (a frame, another agent, an instruction).</summary>
internal readonly record struct Label(ushort Packed)
{
    public Label(int agent, int step, int operand)
        : this((ushort)(agent | (step << 2) | (operand << 8)))
    {
    }

    public int Agent => Packed & 3;

    public int Step => (Packed >> 2) & 0x3F;

    public int Operand => Packed >> 8;
}
