using System.Globalization;
using System.Text;

namespace Determinism.Tests.Scripted;

/// <summary>A machine of synthetic vCPUs and one device with DMA. One exit loop, whatever the session.</summary>
internal sealed partial class ScriptedMachine
{
    private const uint NumberCode = 1;
    private const uint BytesCode = 2;
    private const uint ConsoleCode = 3;

    private readonly ScriptProgram _program;
    private readonly StringBuilder _console = new();
    private readonly Queue<ulong>[] _inboxes;
    private readonly Queue<WordAccess[]> _transfers = new();
    private readonly Queue<int> _transferOwners = new();
    private readonly Attention _attention;
    private SplitMix _outside;
    private ulong _deviceAccumulator = 0xDE71CE;

    public ScriptedMachine(ScriptProgram program, ClockKind clock, Hazards? hazards = null, AccessTrace? trace = null,
        ulong outside = 1)
    {
        _program = program;
        Backend = new ScriptedBackend(program, clock, hazards ?? Hazards.None, trace);
        _inboxes = [.. program.Vcpus.Select(_ => new Queue<ulong>())];
        _attention = new Attention(program.Vcpus.Length + 1);
        _outside = new SplitMix(outside);
    }

    public ScriptedBackend Backend { get; init; }

    /// <summary>Called by each vCPU before each entry, with its number.</summary>
    public Action<ExecutionSession, int>? BeforeEntry { get; init; }

    /// <summary>Runs to the end of all agents. What it came to, also when the session failed.</summary>
    /// <exception cref="TimeoutException">It hung.</exception>
    public Outcome Run(ExecutionSession session, int seconds = 60)
    {
        var threads = new List<Thread>();
        // All start together: else the first is through before the last exists.
        using var start = new Barrier(_program.Shape.AgentCount);
        for (int vcpu = 0; vcpu < _program.Vcpus.Length; vcpu++)
        {
            int id = vcpu;
            threads.Add(Start(session, id, start, () => RunVcpu(session, id)));
        }
        threads.Add(Start(session, _program.DeviceAgent, start, () => RunDevice(session)));
        long deadline = Environment.TickCount64 + (seconds * 1000L);
        foreach (Thread thread in threads)
        {
            if (!thread.Join((int)Math.Max(0, deadline - Environment.TickCount64)))
            {
                string where = string.Join("; ", Backend.Vcpus.Select(vcpu =>
                    string.Create(CultureInfo.InvariantCulture, $"{vcpu.Id}: {vcpu.Point}, {vcpu.Operation}")));
                session.Cancel();
                throw new TimeoutException($"The machine hung: {where}. {_program}");
            }
        }
        return new Outcome
        {
            Memory = Backend.Memory.Snapshot(),
            Accumulators = [.. Backend.Vcpus.Select(vcpu => vcpu.Accumulator), _deviceAccumulator],
            Instructions = [.. Backend.Vcpus.Select(vcpu => vcpu.Instructions)],
            Console = _console.ToString(),
            MostFaults = Backend.Vcpus.Max(vcpu => vcpu.MostFaults),
            Violations = Backend.Rights.Violations,
            RightCalls = Backend.RightCalls,
        };
    }

    private Thread Start(ExecutionSession session, int agent, Barrier start, Action body)
    {
        // Many agents, little to do for each.
        var thread = new Thread(
            () =>
            {
                start.SignalAndWait();
                Guarded(session, agent, body);
            },
            256 * 1024)
        {
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }

    private void Guarded(ExecutionSession session, int agent, Action body)
    {
        try
        {
            body();
        }
        catch (OperationCanceledException)
        {
            // Another agent has failed, the session was cancelled, or the log breaks off here.
        }
#pragma warning disable CA1031 // Whatever it is, it ends the session and is thrown by its Complete.
        catch (Exception error)
#pragma warning restore CA1031
        {
            session.Fail(error);
        }
        finally
        {
            if (_attention.End(agent))
                session.StopWaiting();
        }
    }

    private void RunVcpu(ExecutionSession session, int id)
    {
        AgentSession agent = session.Agent(id);
        ScriptedVcpu vcpu = Backend.Vcpus[id];
        vcpu.Agent = agent;
        Backend.Adopt(id);
        Deliver(agent, vcpu);
        while (agent.TryEnter(out RunSlice slice))
        {
            BeforeEntry?.Invoke(session, id);
            VcpuExit exit = vcpu.Run(slice);
            agent.Exited(exit switch
            {
                VcpuExit.Stopped => ExitKind.Stopped,
                VcpuExit.Fault => ExitKind.Fault,
                VcpuExit.Operation => ExitKind.Synchronous,
                _ => ExitKind.Host,
            });
            bool goesOn = exit switch
            {
                VcpuExit.Fault => agent.Fault(vcpu.Faulting),
                VcpuExit.Operation => Handle(session, agent, vcpu),
                _ => true,
            };
            if (!goesOn)
                break;
            Deliver(agent, vcpu);
        }
        agent.End();
    }

    private bool Handle(ExecutionSession session, AgentSession agent, ScriptedVcpu vcpu)
    {
        switch (vcpu.Operation.Kind)
        {
            case OpKind.Input:
                vcpu.Take(agent.Input(NumberCode, ReadOutside));
                return true;
            case OpKind.InputBytes:
                Span<byte> bytes = stackalloc byte[24];
                int length = agent.Input(BytesCode, bytes, FillFromOutside);
                foreach (byte one in bytes[..length])
                    vcpu.Take(one);
                return true;
            case OpKind.Output:
                return Print(agent, vcpu.Accumulator);
            case OpKind.Send:
                return Send(agent, vcpu.Operation.Target, vcpu.Accumulator);
            case OpKind.Wait:
                return WaitForMessage(session, agent, vcpu);
            case OpKind.Transfer:
                return Submit(agent, vcpu.Operation);
            default:
                return false;
        }
    }

    private ulong ReadOutside()
    {
        lock (_inboxes)
            return _outside.Next();
    }

    private int FillFromOutside(Span<byte> destination)
    {
        lock (_inboxes)
        {
            int length = _outside.Below(destination.Length + 1);
            for (int index = 0; index < length; index++)
                destination[index] = (byte)_outside.Next();
            return length;
        }
    }

    private bool Print(AgentSession agent, ulong value)
    {
        using MemorySpan span = agent.OpenDevice(ScriptProgram.Console);
        if (!span.IsOpen)
            return false;
        TraceDevice(agent, ScriptProgram.Console);
        agent.Output(ConsoleCode, BitConverter.GetBytes(value));
        _console.AppendFormat(CultureInfo.InvariantCulture, "{0}: {1:X16}", agent.Id, value).AppendLine();
        return true;
    }

    private bool Send(AgentSession agent, int target, ulong value)
    {
        using (MemorySpan span = agent.OpenDevice(ScriptProgram.Inbox(target)))
        {
            if (!span.IsOpen)
                return false;
            TraceDevice(agent, ScriptProgram.Inbox(target));
            _inboxes[target].Enqueue(value);
        }
        _attention.Raise(target);
        agent.Session.Agent(target).Wake();
        return true;
    }

    private bool WaitForMessage(ExecutionSession session, AgentSession agent, ScriptedVcpu vcpu)
    {
        while (!Deliver(agent, vcpu))
        {
            if (_attention.Rest())
                session.StopWaiting();
            bool isWoken = agent.WaitForWake();
            _attention.Resume();
            if (!isWoken)
                return false;
        }
        return true;
    }

    /// <summary>Takes a message if there is one: an interrupt, whose handler writes to the stack.</summary>
    private bool Deliver(AgentSession agent, ScriptedVcpu vcpu)
    {
        if (!agent.Asynchronous(_attention.IsRaised(agent.Id), 0, out _))
            return false;
        _attention.Take(agent.Id);
        using (MemorySpan span = agent.OpenDevice(ScriptProgram.Inbox(agent.Id)))
        {
            if (!span.IsOpen)
                return false;
            TraceDevice(agent, ScriptProgram.Inbox(agent.Id));
            // A planted bug may deliver what was not sent yet.
            vcpu.Take(_inboxes[agent.Id].TryDequeue(out ulong value) ? value : 0);
        }
        WordAccess[] stack = [new WordAccess(_program.Stacks[agent.Id], true)];
        return Touch(agent, stack, (address, _, open) =>
        {
            Span<byte> word = stackalloc byte[sizeof(ulong)];
            open.Read(address, word);
            vcpu.Take(BitConverter.ToUInt64(word));
            BitConverter.TryWriteBytes(word, vcpu.Accumulator);
            open.Write(address, word);
        });
    }

    private void TraceDevice(AgentSession agent, int device)
    {
        if (Backend.Trace is not { } trace)
            return;
        lock (trace.Lock)
            trace.Add(new TracedAccess(agent.Id, agent.CompletedEvents, _program.Shape.PseudoFrame(device), true));
    }
}
