using System.Globalization;
using System.IO.Hashing;
using System.Text;
using CustomBackend.Machine;
using Determinism;

namespace CustomBackend;

/// <summary>A machine of bytecode CPUs with a console, a clock and a timer. One exit loop, whatever the session.</summary>
public sealed class BytecodeVm
{
    private const int ConsoleDevice = 0;

    private readonly BytecodeCpu[] _cpus;
    private readonly PagedMemory _memory = new(MemoryBytes, 16);
    private readonly StringBuilder _console = new();
    private readonly uint _handler;
    private readonly long[] _ticks;

    public BytecodeVm(GuestProgram program, int cpus)
    {
        program.Code.CopyTo(_memory.All[(int)program.Start..]);
        _handler = program.Handler;
        _ticks = new long[cpus];
        _cpus = [.. Enumerable.Range(0, cpus).Select(cpu => new BytecodeCpu(cpu, _memory) { Place = program.Start })];
        for (int cpu = 0; cpu < cpus; cpu++)
            _cpus[cpu].Registers[0] = (ulong)cpu;
        Backend = new BytecodeBackend(_memory, _cpus);
        Shape = new MachineShape
        {
            VcpuCount = cpus, MemoryBytes = MemoryBytes, PageShift = PagedMemory.PageShift, PseudoFrameCount = 1,
        };
    }

    private const int MemoryBytes = 1 << 16;

    public BytecodeBackend Backend { get; }

    public MachineShape Shape { get; }

    /// <summary>Digest of all that a run starts from.</summary>
    public ulong InitialState => XxHash3.HashToUInt64(_memory.All);

    /// <summary>All that must be equal after a replay, as text.</summary>
    public string Outcome
    {
        get
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"memory {XxHash3.HashToUInt64(_memory.All):X16}");
            Span<byte> state = stackalloc byte[BytecodeCpu.StateBytes];
            foreach (BytecodeCpu cpu in _cpus)
                text.Append(CultureInfo.InvariantCulture, $", {cpu.Count}: {Convert.ToHexString(state[..cpu.CopyState(state)])}");
            return text.Append(", console ").Append(_console).ToString();
        }
    }

    public ulong Word(uint address) => _memory.Load(address);

    /// <summary>Runs to the end of all CPUs, each on its thread.</summary>
    /// <exception cref="DeterminismException">Something failed: the first failure.</exception>
    public void Run(ExecutionSession session)
    {
        // The outside world: a replay takes nothing from it, whatever it does meanwhile.
        using var timer = new Timer(_ => Tick(session), null, 1, 1);
        Thread[] threads = [.. _cpus.Select((_, cpu) => session.StartAgent(cpu, RunCpu))];
        foreach (Thread thread in threads)
            thread.Join();
        // With the tick that may be under way: the outside world stops before the session does.
        timer.DisposeAsync().AsTask().Wait();
        session.Complete();
    }

    private void RunCpu(AgentSession agent)
    {
        BytecodeCpu cpu = _cpus[agent.Id];
        bool isRunning = true;
        while (isRunning && agent.TryEnter(out RunSlice slice))
        {
            CpuExit exit = cpu.Run(slice.StopAt);
            agent.Exited(BytecodeBackend.KindOf(exit));
            isRunning = Handle(agent, cpu, exit);
            if (isRunning && cpu.TakesInterrupts
                && agent.Asynchronous(IsDue(agent), TicksOf(agent), out ulong ticks))
            {
                Interlocked.Add(ref _ticks[agent.Id], -(long)ticks);
                cpu.Interrupt(_handler, ticks);
            }
        }
        agent.End();
    }

    private bool Handle(AgentSession agent, BytecodeCpu cpu, CpuExit exit)
    {
        switch (exit.Reason)
        {
            case CpuExitReason.Forbidden:
                Span<MemoryAccess> accesses = stackalloc MemoryAccess[3];
                return agent.Fault(accesses[..Backend.CollectAccesses(agent.Id, accesses)]);
            case CpuExitReason.Service when exit.Service == (uint)Service.Clock:
                cpu.Registers[1] = agent.Input((uint)Service.Clock, static () => (ulong)TimeProvider.System.GetTimestamp());
                return true;
            case CpuExitReason.Service when exit.Service == (uint)Service.Print:
                return Print(agent, cpu.Registers[1]);
            case CpuExitReason.Service:
                return false;
            default:
                return true;
        }
    }

    private bool Print(AgentSession agent, ulong value)
    {
        // The console is all CPUs': its pseudo-frame orders what they write.
        using MemorySpan span = agent.OpenDevice(ConsoleDevice);
        if (!span.IsOpen)
            return false;
        _console.Append(CultureInfo.InvariantCulture, $"[{agent.Id}] {value} ");
        agent.Output((uint)Service.Print, BitConverter.GetBytes(value));
        return true;
    }

    private bool IsDue(AgentSession agent) => TicksOf(agent) > 0;

    private ulong TicksOf(AgentSession agent) => (ulong)Math.Max(0, Volatile.Read(ref _ticks[agent.Id]));

    private void Tick(ExecutionSession session)
    {
        for (int cpu = 0; cpu < _cpus.Length; cpu++)
        {
            Interlocked.Increment(ref _ticks[cpu]);
            session.Agent(cpu).Wake();
        }
    }
}
