using MyExit = Determinism.Machine.Tests.Readme.ToyExit;

namespace Determinism.Machine.Tests.Readme;

/// <summary>The exit loop that the README shows, word for word; a test holds the two together and runs it.</summary>
internal sealed class ReadmeExample(ToyHypervisor hypervisor)
{
    private const uint ClockPort = 1;

    private readonly ToyInterrupts interrupts = new();

    private static ulong ReadHostClock() => (ulong)Environment.TickCount64;

    public void Run(AgentSession vcpu) => RunVcpu(vcpu);

    // README
    void RunVcpu(AgentSession vcpu)
    {
        while (vcpu.TryEnter(out RunSlice slice))
        {
            MyExit exit = hypervisor.Run(vcpu.Id, slice.StopAt);
            vcpu.Exited(exit.Kind);
            if (exit.IsFault)
                vcpu.Fault(exit.Accesses);                                       // raises the rights, or waits its turn
            else if (exit.IsClockRead)
                exit.Result = vcpu.Input(ClockPort, ReadHostClock);              // logged, or given back
            else if (exit.IsHalt)
                break;
            if (vcpu.Asynchronous(interrupts.IsDue, 0, out _))                   // here, or where the log has it
                interrupts.Deliver(vcpu);
        }
        vcpu.End();
    }
    // README
}
