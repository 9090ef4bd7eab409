using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.TimeTravel.Tests.Support;

/// <summary>Two vCPUs that write one word between an instruction that sets flags and one that reads them: what faults there has
/// flags to lose. Compilers keep the two together.</summary>
internal static class FlagsGuest
{
    private const int Rounds = 60_000;

    public static MachineConfiguration Configure(ClockKind clock) => AssembledGuest.Configure(2, clock, static code =>
    {
        Label work = code.CreateLabel(), loop = code.CreateLabel();
        code.StartVcpu(1, work);
        code.Label(ref work);
        code.mov(rbx, Rounds);
        code.mov(rsi, AssembledGuest.Data);
        code.xor(ecx, ecx);
        code.Label(ref loop);
        code.imul(rax, rbx, 0x5851F42D);
        code.shl(rax, 40);
        code.add(rax, rax);
        code.mov(__[rsi], rbx);
        code.adc(rcx, rcx);
        Action trap = code.Poll();
        code.dec(rbx);
        code.jne(loop);
        code.Service(GuestPort.Exit);
        trap();
    });
}
