namespace Determinism.Machine;

/// <summary>The services of the machine, by the port of the <c>OUT imm8, AL</c> that asks for them.</summary>
/// <remarks>Arguments in RDI, RSI, RDX and R8, the result in RAX; see docs/guest-abi.md.</remarks>
public enum GuestPort : byte
{
    /// <summary>A poll found that its count has reached the limit.</summary>
    Poll = 0x10,

    /// <summary>This vCPU ends with a code.</summary>
    Exit = 0x11,

    /// <summary>Bytes go to the console.</summary>
    ConsoleWrite = 0x12,

    /// <summary>Bytes come from the console, as many as there are.</summary>
    ConsoleRead = 0x13,

    /// <summary>The monotonic time in nanoseconds.</summary>
    Clock = 0x14,

    /// <summary>A random number.</summary>
    Random = 0x15,

    /// <summary>A disk transfer is to be done.</summary>
    DiskSubmit = 0x16,

    /// <summary>Sets the period of this vCPU's timer.</summary>
    TimerSet = 0x17,

    /// <summary>Interrupts another vCPU.</summary>
    InterruptSend = 0x18,

    /// <summary>Sets this vCPU's interrupt handler.</summary>
    HandlerSet = 0x19,

    /// <summary>Enables interrupts and waits for one.</summary>
    Halt = 0x1A,

    /// <summary>Starts another vCPU.</summary>
    VcpuStart = 0x1B,

    /// <summary>New code becomes executable.</summary>
    PublishCode = 0x1C,

    /// <summary>What stands for RDTSC: the time stamp in EDX and EAX.</summary>
    TimeStamp = 0x1D,

    /// <summary>What stands for CPUID.</summary>
    ProcessorIdentity = 0x1E,

    /// <summary>This vCPU waits for another in a loop: whoever waits for it goes first.</summary>
    GiveWay = 0x1F,
}
