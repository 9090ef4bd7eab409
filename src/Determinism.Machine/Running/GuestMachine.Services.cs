using System.Buffers;
using Determinism.X86;

namespace Determinism.Machine;

/// <content>The services that a guest asks for by port.</content>
public sealed partial class GuestMachine
{
    private const ulong LongestTransfer = 1 << 20;

    /// <summary>Serves one request. False: this vCPU runs no more.</summary>
    private bool Serve(AgentSession agent, GuestPort port)
    {
        int vcpu = agent.Id;
        ref X86Registers registers = ref _processors.Registers(vcpu);
        ulong first = registers.Gpr[GuestRegister.Rdi];
        ulong second = registers.Gpr[GuestRegister.Rsi];
        // They may still tell how the count of polls compared with the VMM's limit, and that is another one in every run: an
        // interrupt handler would save them, a checkpoint would store them. (Other clocks have digests of them.)
        if (port == GuestPort.Poll || Configuration.Clock == ClockKind.SoftwareCounter)
            registers.Rflags &= ~MachineState.ArithmeticFlags;
        switch (port)
        {
            case GuestPort.Poll:
                return true;
            case GuestPort.PublishCode:
                return PublishCode(agent, first, second);
            case GuestPort.TimeStamp:
                ReadTimeStamp(agent);
                return true;
            case GuestPort.ProcessorIdentity:
                ReadProcessorIdentity(agent);
                return true;
            case GuestPort.Exit:
                _exitCodes[vcpu] = first;
                return false;
            case GuestPort.ConsoleWrite:
                return WriteConsole(agent, first, second);
            case GuestPort.ConsoleRead:
                return ReadConsole(agent, first, second);
            case GuestPort.Clock:
                registers.Gpr[GuestRegister.Rax] = _clock.Read(agent, InputCode.Clock);
                return true;
            case GuestPort.Random:
                registers.Gpr[GuestRegister.Rax] = agent.Input((uint)InputCode.Random, _surroundings.Entropy);
                return true;
            case GuestPort.DiskSubmit:
                return SubmitToDisk(agent, first);
            case GuestPort.TimerSet:
                SetTimer(agent, first);
                return true;
            case GuestPort.InterruptSend:
                Interrupt(agent, CheckVcpu(agent, first), CheckVector(agent, second));
                return true;
            case GuestPort.HandlerSet:
                _handlers[vcpu] = first;
                return true;
            case GuestPort.Halt:
                return Halt(agent);
            case GuestPort.GiveWay:
                agent.GiveWay();
                return true;
            case GuestPort.VcpuStart:
                return StartVcpu(agent, CheckVcpu(agent, first), new VcpuStart(
                    second, registers.Gpr[GuestRegister.Rdx], registers.Gpr[GuestRegister.R8]));
            default:
                throw Misuse(agent, $"asks for service 0x{(byte)port:X2}, which there is not");
        }
    }

    private static GuestErrorException Misuse(AgentSession agent, string what) =>
        new($"vCPU {agent.Id} at 0x{agent.Point.InstructionPointer:X} {what}.");

    private int CheckVcpu(AgentSession agent, ulong number) => number < (ulong)Configuration.VcpuCount
        ? (int)number
        : throw Misuse(agent, $"names vCPU {number} of {Configuration.VcpuCount}");

    private static int CheckVector(AgentSession agent, ulong vector) => vector is >= 2 and < 64
        ? (int)vector
        : throw Misuse(agent, $"sends vector {vector}; a guest's own are 2 to 63");

    private void CheckRange(AgentSession agent, ulong address, ulong length)
    {
        if (length > LongestTransfer || !GuestRange.IsAllowed(address, length, Configuration.MemoryBytes))
            throw Misuse(agent, $"names {length} bytes at 0x{address:X}, which it may not");
    }

    private bool WriteConsole(AgentSession agent, ulong address, ulong length)
    {
        CheckRange(agent, address, length);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)length);
        Span<byte> text = buffer.AsSpan(0, (int)length);
        var access = new MemoryAccess(address, (uint)length, AccessRight.Read);
        using (MemorySpan span = agent.Open([access], ConsoleDevice))
        {
            if (!span.IsOpen)
                return false;
            Observer?.Accessed(agent.Id, access, releases: false);
            span.Read(address, text);
            _console.Write(text);
        }
        agent.Output((uint)InputCode.ConsoleOutput, text);
        ArrayPool<byte>.Shared.Return(buffer);
        return true;
    }

    private bool ReadConsole(AgentSession agent, ulong address, ulong length)
    {
        CheckRange(agent, address, length);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)length);
        int read = agent.Input((uint)InputCode.ConsoleBytes, buffer.AsSpan(0, (int)length), _surroundings.ConsoleInput);
        var access = new MemoryAccess(address, (uint)read, AccessRight.ReadWrite);
        using (MemorySpan span = agent.Open([access]))
        {
            if (!span.IsOpen)
                return false;
            Observer?.Accessed(agent.Id, access, releases: false);
            _published.RefuseWrite(agent, address, (ulong)read);
            span.Write(address, buffer.AsSpan(0, read));
        }
        ArrayPool<byte>.Shared.Return(buffer);
        _processors.Registers(agent.Id).Gpr[GuestRegister.Rax] = (ulong)read;
        return true;
    }

    private bool SubmitToDisk(AgentSession agent, ulong descriptor)
    {
        using (MemorySpan span = agent.OpenDevice(DiskDevice))
        {
            if (!span.IsOpen)
                return false;
            _disk.Submit(new DiskRequest(agent.Id, descriptor));
            Observer?.Sent(agent.Id, DiskDevice, agent.Id);
        }
        _disk.SignalSubmitted();
        agent.Session.Agent(DiskAgent).Wake();
        return true;
    }

    /// <summary>Enables interrupts and waits for one, in one step: none is lost in between.</summary>
    private bool Halt(AgentSession agent)
    {
        Control(agent.Id).InterruptMask = 0;
        return WaitHalted(agent);
    }

    private bool WaitHalted(AgentSession agent)
    {
        _phases[agent.Id] = VcpuPhase.Halted;
        while (!TryDeliver(agent))
        {
            if (!agent.WaitForWake())
                return false;
        }
        _phases[agent.Id] = VcpuPhase.InMonitor;
        return true;
    }

    private bool StartVcpu(AgentSession agent, int vcpu, VcpuStart start)
    {
        using (MemorySpan span = agent.OpenDevice(InboxDevice(vcpu)))
        {
            if (!span.IsOpen)
                return false;
            if (vcpu == 0 || _inboxes[vcpu].Start is not null)
                throw Misuse(agent, $"starts vCPU {vcpu} twice");
            _inboxes[vcpu].Start = start;
            Observer?.Sent(agent.Id, InboxDevice(vcpu), StartItem);
        }
        Interlocked.Increment(ref _running);
        _signals[vcpu].Raise();
        agent.Session.Agent(vcpu).Wake();
        return true;
    }
}
