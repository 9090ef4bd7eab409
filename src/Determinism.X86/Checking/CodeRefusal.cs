using System.Globalization;

namespace Determinism.X86;

/// <summary>One reason to refuse a guest's code.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Address">Where.</param>
/// <param name="Instruction">The instruction there in Intel syntax, or the bytes that are none.</param>
/// <param name="Reason">Why it is refused: a clause without subject, such as "reads the host's clock".</param>
public sealed record CodeRefusal(CodeRefusalKind Kind, ulong Address, string Instruction, string Reason)
{
    /// <summary>All of it in one line: <c>0x401000: rdtsc: reads the host's clock</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"0x{Address:x}: {Instruction}: {Reason}");
}
