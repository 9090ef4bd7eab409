using System.Diagnostics.CodeAnalysis;

namespace Determinism.Litmus;

/// <summary>The names of the general registers.</summary>
internal static class RegisterNames
{
    public const int Rax = 0;
    public const int Rsp = 4;
    public const int R15 = 15;

    private static readonly string[] s_eight =
        ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    private static readonly string[] s_one = ["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"];

    private static readonly Dictionary<string, RegisterOperand> s_all = MakeAll();

    public static string NameOf(int register, int bytes) => (bytes, register) switch
    {
        (8, _) => s_eight[register],
        (4, < 8) => "e" + s_eight[register][1..],
        (2, < 8) => s_eight[register][1..],
        (1, < 8) => s_one[register],
        (4, _) => s_eight[register] + "d",
        (2, _) => s_eight[register] + "w",
        _ => s_eight[register] + "b",
    };

    public static bool TryFind(string name, [NotNullWhen(true)] out RegisterOperand? register) =>
        s_all.TryGetValue(name, out register);

    private static Dictionary<string, RegisterOperand> MakeAll()
    {
        var all = new Dictionary<string, RegisterOperand>(StringComparer.OrdinalIgnoreCase);
        for (int register = 0; register < s_eight.Length; register++)
        {
            foreach (int bytes in (ReadOnlySpan<int>)[1, 2, 4, 8])
                all.Add(NameOf(register, bytes), new RegisterOperand(register, bytes));
        }
        return all;
    }
}
