using System.Buffers.Binary;
using Determinism.X86;

namespace Determinism.Machine;

/// <content>What arrives at a vCPU unasked: its start, and interrupts.</content>
public sealed partial class GuestMachine
{
    private const ulong LongestPeriod = 24 * 60 * 60 * 1000;

    private readonly ITimer?[] _timers = new ITimer?[GuestLayout.MaximumVcpus];

    private static int InboxDevice(int vcpu) => MachineConfiguration.FixedDevices + vcpu;

    private ref ControlPage Control(int vcpu) =>
        ref _processors.Memory.At<ControlPage>(GuestLayout.ControlPageOf(vcpu));

    /// <summary>Waits until another vCPU has started this one.</summary>
    private bool WaitForStart(AgentSession agent)
    {
        int vcpu = agent.Id;
        while (true)
        {
            if (agent.Asynchronous(_signals[vcpu].HasAttention, 0, out _))
            {
                _signals[vcpu].Take();
                using MemorySpan span = agent.OpenDevice(InboxDevice(vcpu));
                if (!span.IsOpen)
                    return false;
                if (_inboxes[vcpu].Start is { } start)
                {
                    Observer?.Received(vcpu, InboxDevice(vcpu), StartItem);
                    // What was sent before the start is not forgotten with it.
                    if (!_inboxes[vcpu].IsEmpty)
                        _signals[vcpu].Raise();
                    SetStart(vcpu, start);
                    return true;
                }
            }
            else if (!agent.WaitForWake())
            {
                return false;
            }
        }
    }

    private void SetStart(int vcpu, VcpuStart start)
    {
        ref X86Registers registers = ref _processors.Registers(vcpu);
        registers.Rip = start.Entry;
        registers.Gpr[GuestRegister.Rdi] = (ulong)vcpu;
        registers.Gpr[GuestRegister.Rsi] = start.Argument;
        registers.Gpr[GuestRegister.Rsp] = start.Stack;
    }

    /// <summary>Sends an interrupt, acting as some agent.</summary>
    private void Interrupt(AgentSession agent, int vcpu, int vector)
    {
        if (!agent.IsVcpu)
            agent.BeginOperation();
        using (MemorySpan span = agent.OpenDevice(InboxDevice(vcpu)))
        {
            if (!span.IsOpen)
                return;
            _inboxes[vcpu].Add(vector);
            Observer?.Sent(agent.Id, InboxDevice(vcpu), vector);
        }
        _signals[vcpu].Raise();
        agent.Session.Agent(vcpu).Wake();
    }

    /// <summary>Whether an interrupt may be delivered at an exit: with the software counter only where a poll has trapped,
    /// since elsewhere the flags may still say how a count compares with the VMM's limit; never at a fault, whose
    /// instruction comes first.</summary>
    private bool IsDeliveryPoint(in MachineExit exit) => Configuration.Clock == ClockKind.SoftwareCounter
        ? exit.Reason == MachineExitReason.Port && exit.Port == GuestPort.Poll
        : exit.Reason is MachineExitReason.Port or MachineExitReason.Stopped;

    /// <summary>While something waits that could not be delivered yet, the vCPU comes back soon: the kick that told of it
    /// is used up.</summary>
    private void ReturnForAttention(AgentSession agent)
    {
        const ulong Instructions = 1000;
        if (_signals[agent.Id].HasAttention && _handlers[agent.Id] != 0)
            agent.ReturnSoon(Configuration.Clock == ClockKind.SoftwareCounter ? 1 : Instructions);
    }

    /// <summary>Delivers one interrupt if one is due here.</summary>
    /// <returns>Whether a handler was entered.</returns>
    private bool TryDeliver(AgentSession agent)
    {
        int vcpu = agent.Id;
        VcpuSignals signals = _signals[vcpu];
        bool isDue = signals.HasAttention && _handlers[vcpu] != 0 && Control(vcpu).InterruptMask == 0;
        bool isTimer = isDue && signals.Take();
        // This is a point: whatever is due is taken, unless it is a replay, where the log says when.
        if (!agent.Asynchronous(isDue, isTimer ? 1UL : 0, out ulong external))
            return false;
        if (!isDue)
            signals.Take();
        int vector = TakeVector(agent, external != 0);
        return vector >= 0 && EnterHandler(agent, vector);
    }

    private int TakeVector(AgentSession agent, bool isTimer)
    {
        VcpuInbox inbox = _inboxes[agent.Id];
        using MemorySpan span = agent.OpenDevice(InboxDevice(agent.Id));
        if (!span.IsOpen)
            return -1;
        if (isTimer)
            inbox.Add(GuestLayout.TimerVector);
        int vector = inbox.Take();
        if (vector >= 0)
            Observer?.Received(agent.Id, InboxDevice(agent.Id), vector);
        if (!inbox.IsEmpty)
            _signals[agent.Id].Raise();
        return vector;
    }

    /// <summary>Pushes the return address and the vector under the vCPU's own rights, and goes to the handler.</summary>
    private bool EnterHandler(AgentSession agent, int vector)
    {
        const uint FrameBytes = 16;
        ref X86Registers registers = ref _processors.Registers(agent.Id);
        ulong top = registers.Gpr[GuestRegister.Rsp] - FrameBytes;
        if (!GuestRange.IsAllowed(top, FrameBytes, Configuration.MemoryBytes))
            throw new GuestErrorException($"vCPU {agent.Id} takes an interrupt on a stack at 0x{top + FrameBytes:X}.");
        Span<byte> frame = stackalloc byte[(int)FrameBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)vector);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], registers.Rip);
        var pushed = new MemoryAccess(top, FrameBytes, AccessRight.ReadWrite);
        using (MemorySpan span = agent.Open([pushed]))
        {
            if (!span.IsOpen)
                return false;
            Observer?.Accessed(agent.Id, pushed, releases: false);
            _published.RefuseWrite(agent, top, FrameBytes);
            span.Write(top, frame);
        }
        registers.Gpr[GuestRegister.Rsp] = top;
        registers.Rip = _handlers[agent.Id];
        Control(agent.Id).InterruptMask = 1;
        return true;
    }

    /// <summary>Sets or stops a vCPU's timer. On replay it may ring, but nothing listens: the log says when it rang.</summary>
    private void SetTimer(AgentSession agent, ulong nanoseconds)
    {
        _periods[agent.Id] = nanoseconds;
        // Host timers tick in milliseconds at best.
        var period = TimeSpan.FromMilliseconds(Math.Clamp(nanoseconds / 1_000_000, 1, LongestPeriod));
        lock (_timers)
        {
            _timers[agent.Id]?.Dispose();
            _timers[agent.Id] = nanoseconds == 0 ? null : _surroundings.Time.CreateTimer(
                _ =>
                {
                    _signals[agent.Id].RaiseTimer();
                    agent.Wake();
                },
                null, period, period);
        }
    }

    private void StopTimers()
    {
        lock (_timers)
        {
            // Waits for a timer that is ringing: it must not touch a machine that is gone.
            foreach (ITimer? timer in _timers)
                timer?.DisposeAsync().AsTask().Wait();
            Array.Clear(_timers);
        }
    }
}
