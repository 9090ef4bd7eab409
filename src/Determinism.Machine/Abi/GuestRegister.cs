namespace Determinism.Machine;

/// <summary>General registers by encoding, as far as the ABI names them.</summary>
internal static class GuestRegister
{
    public const int Rax = 0;
    public const int Rcx = 1;
    public const int Rdx = 2;
    public const int Rbx = 3;
    public const int Rsp = 4;
    public const int Rsi = 6;
    public const int Rdi = 7;
    public const int R8 = 8;

    /// <summary>The count of polls.</summary>
    public const int R15 = 15;
}
