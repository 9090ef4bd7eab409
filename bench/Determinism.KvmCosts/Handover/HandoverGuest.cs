using Determinism.Machine;
using Determinism.Machine.Tests;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.KvmCosts;

/// <summary>The guest of the program by hand, instruction by instruction but for the count of its rounds: so that what is
/// compared is the handover, not the guest.</summary>
internal static class HandoverGuest
{
    private const int Idle = 64;

    public static MachineConfiguration Configure(ulong rounds) => AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code =>
    {
        Label both = code.CreateLabel(), round = code.CreateLabel();
        code.StartVcpu(1, both);
        code.Label(ref both);
        code.mov(rbx, rounds);
        code.mov(rdi, AssembledGuest.Data);
        code.Label(ref round);
        code.@lock.inc(__qword_ptr[rdi]);
        code.inc(__qword_ptr[rdi + 8]);
        for (int idle = 0; idle < Idle; idle++)
            code.dec(rcx);
        Action trap = code.Poll();
        code.dec(rbx);
        code.jne(round);
        code.Service(GuestPort.Exit);
        trap();
    });
}
