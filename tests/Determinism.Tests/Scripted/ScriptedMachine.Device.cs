namespace Determinism.Tests.Scripted;

/// <content>The device: an agent of its own that reads and writes memory while vCPUs run.</content>
internal sealed partial class ScriptedMachine
{
    private delegate void Toucher(ulong address, bool isWrite, MemorySpan span);

    private bool Submit(AgentSession agent, ScriptOp op)
    {
        using (MemorySpan span = agent.OpenDevice(ScriptProgram.Device))
        {
            if (!span.IsOpen)
                return false;
            TraceDevice(agent, ScriptProgram.Device);
            _transfers.Enqueue(op.Words);
            _transferOwners.Enqueue(op.Target);
        }
        _attention.Raise(_program.DeviceAgent);
        agent.Session.Agent(_program.DeviceAgent).Wake();
        return true;
    }

    private void RunDevice(ExecutionSession session)
    {
        AgentSession agent = session.Agent(_program.DeviceAgent);
        bool goesOn = true;
        while (goesOn)
        {
            if (agent.Asynchronous(_attention.IsRaised(agent.Id), 0, out _))
            {
                _attention.Take(agent.Id);
                agent.BeginOperation();
                goesOn = Transfer(agent);
                continue;
            }
            if (_attention.Rest())
                session.StopWaiting();
            goesOn = agent.WaitForWake();
            _attention.Resume();
        }
        agent.End();
    }

    private bool Transfer(AgentSession agent)
    {
        WordAccess[] words;
        int owner;
        using (MemorySpan span = agent.OpenDevice(ScriptProgram.Device))
        {
            if (!span.IsOpen)
                return false;
            TraceDevice(agent, ScriptProgram.Device);
            words = _transfers.TryDequeue(out WordAccess[]? queued) ? queued : [];
            owner = _transferOwners.TryDequeue(out int asked) ? asked : 0;
        }
        foreach (WordAccess word in words)
        {
            agent.BeginOperation();
            if (!Touch(agent, [word], TransferWord))
                return false;
        }
        agent.BeginOperation();
        return Send(agent, owner, _deviceAccumulator);
    }

    private void TransferWord(ulong address, bool isWrite, MemorySpan span)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (isWrite)
        {
            _deviceAccumulator = SplitMix.Mix(_deviceAccumulator);
            BitConverter.TryWriteBytes(bytes, _deviceAccumulator);
            span.Write(address, bytes);
        }
        else
        {
            span.Read(address, bytes);
            _deviceAccumulator = SplitMix.Mix(_deviceAccumulator, BitConverter.ToUInt64(bytes));
        }
    }

    /// <summary>Opens a span over some words and touches each, traced like a vCPU's accesses.</summary>
    private bool Touch(AgentSession agent, WordAccess[] words, Toucher touch)
    {
        MemoryAccess[] accesses = [.. words.Select(word => word.ToMemoryAccess())];
        using MemorySpan span = agent.Open(accesses);
        if (!span.IsOpen)
            return false;
        foreach (WordAccess word in words)
        {
            if (Backend.Trace is not { } trace)
            {
                touch(word.Address, word.IsWrite, span);
                continue;
            }
            lock (trace.Lock)
            {
                touch(word.Address, word.IsWrite, span);
                trace.Add(new TracedAccess(
                    agent.Id, agent.CompletedEvents, _program.Shape.FrameOf(word.Address), word.IsWrite));
            }
        }
        return true;
    }
}
