using Determinism.Kvm.Interop;
using Determinism.X86;

namespace Determinism.Kvm.Vcpus;

/// <summary>Between KVM's order of the registers and the instruction set's.</summary>
internal static class KvmRegisterCopy
{
    // What a guest can see of the flags: the arithmetic ones, DF, and bit 1, which is always set. IF, IOPL and RF are the
    // host's.
    private const ulong VisibleFlags = 0xCD5;
    private const ulong AlwaysSet = 2;

    public static ulong Visible(ulong flags) => (flags & VisibleFlags) | AlwaysSet;

    public static void Read(in KvmRegisters from, ref X86Registers to)
    {
        to.Gpr[0] = from.Rax;
        to.Gpr[1] = from.Rcx;
        to.Gpr[2] = from.Rdx;
        to.Gpr[3] = from.Rbx;
        to.Gpr[4] = from.Rsp;
        to.Gpr[5] = from.Rbp;
        to.Gpr[6] = from.Rsi;
        to.Gpr[7] = from.Rdi;
        to.Gpr[8] = from.R8;
        to.Gpr[9] = from.R9;
        to.Gpr[10] = from.R10;
        to.Gpr[11] = from.R11;
        to.Gpr[12] = from.R12;
        to.Gpr[13] = from.R13;
        to.Gpr[14] = from.R14;
        to.Gpr[15] = from.R15;
        to.Rip = from.Rip;
        to.Rflags = Visible(from.Rflags);
    }

    public static void Write(in X86Registers from, ref KvmRegisters to)
    {
        to.Rax = from.Gpr[0];
        to.Rcx = from.Gpr[1];
        to.Rdx = from.Gpr[2];
        to.Rbx = from.Gpr[3];
        to.Rsp = from.Gpr[4];
        to.Rbp = from.Gpr[5];
        to.Rsi = from.Gpr[6];
        to.Rdi = from.Gpr[7];
        to.R8 = from.Gpr[8];
        to.R9 = from.Gpr[9];
        to.R10 = from.Gpr[10];
        to.R11 = from.Gpr[11];
        to.R12 = from.Gpr[12];
        to.R13 = from.Gpr[13];
        to.R14 = from.Gpr[14];
        to.R15 = from.Gpr[15];
        to.Rip = from.Rip;
        to.Rflags = Visible(from.Rflags);
    }
}
