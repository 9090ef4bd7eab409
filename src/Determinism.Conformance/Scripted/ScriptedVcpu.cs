using System.Buffers.Binary;

namespace Determinism.Conformance;

/// <summary>One vCPU of a <see cref="ScriptedMachine"/>.</summary>
internal sealed class ScriptedVcpu(
    int id, IReadOnlyList<GuestStep> steps, int rounds, ClockKind clock, ScriptedMemory memory)
{
    public const int StateBytes = 40;

    private int _index;
    private int _round;
    // How far it is inside a step: rounds of work done, or halves of a copy.
    private ulong _progress;
    private ulong _register;
    private ulong _retired;
    private ulong _polls;
    private int _isRequested;
    private int _isForced;
    private volatile bool _isStopped;

    private bool HasEnded => _round == rounds;

    public ExecutionPoint Point => new(
        clock switch
        {
            ClockKind.RetiredInstructions => _retired,
            ClockKind.SoftwareCounter => _polls,
            _ => 0,
        },
        (ulong)_index, (ulong)_round, _progress);

    public void Answer(ulong value) => _register = value;

    public void Request() => Volatile.Write(ref _isRequested, 1);

    public void Stop() => _isStopped = true;

    public void Force() => Volatile.Write(ref _isForced, 1);

    /// <summary>Runs until it leaves. Whatever it leaves for, a request is used up.</summary>
    public GuestExit Run(ulong stopAt)
    {
        GuestExit exit = RunInside(stopAt);
        Interlocked.Exchange(ref _isRequested, 0);
        return exit;
    }

    public int Capture(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, (ulong)_index);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], (ulong)_round);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], _progress);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], _register);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], _retired);
        return StateBytes;
    }

    private GuestExit RunInside(ulong stopAt)
    {
        while (true)
        {
            _ = _isStopped ? throw new ObjectDisposedException(nameof(ScriptedMachine)) : 0;
            if (Volatile.Read(ref _isForced) != 0 && Interlocked.Exchange(ref _isForced, 0) != 0)
                return new GuestExit(ExitKind.Host);
            if (clock == ClockKind.RetiredInstructions && IsStopDue(_retired, stopAt))
                return new GuestExit(ExitKind.Stopped);
            if (HasEnded)
            {
                _retired++;
                return new GuestExit(ExitKind.Synchronous, GuestExit.End);
            }
            GuestStep step = steps[_index];
            switch (step.Kind)
            {
                case GuestStepKind.Store or GuestStepKind.Add:
                    if (!TryWrite(step.Address, step.Value, adds: step.Kind == GuestStepKind.Add))
                        return Fault(step.Address, AccessRight.ReadWrite);
                    Next();
                    break;
                case GuestStepKind.Copy when _progress == 0:
                    if (!memory.TryRead(id, step.Address, out ulong value))
                        return Fault(step.Address, AccessRight.Read);
                    _register = value;
                    Advance();
                    break;
                case GuestStepKind.Copy:
                    if (!TryWrite(step.Target, _register, adds: false))
                        return Fault(step.Target, AccessRight.ReadWrite);
                    Next();
                    break;
                case GuestStepKind.Work:
                    Advance();
                    if (_progress == step.Value)
                        MoveOn();
                    if (IsPollDue(stopAt))
                        return new GuestExit(ExitKind.Stopped);
                    continue;
                case GuestStepKind.Exit:
                    Next();
                    return new GuestExit(ExitKind.Synchronous, step.Code);
                case GuestStepKind.Input when _progress == 0:
                    Advance();
                    return new GuestExit(ExitKind.Synchronous, step.Code);
                case GuestStepKind.Input:
                    if (!TryWrite(step.Address, _register, adds: false))
                        return Fault(step.Address, AccessRight.ReadWrite);
                    Next();
                    break;
            }
            if (_index == 0 && _progress == 0 && IsPollDue(stopAt))
                return new GuestExit(ExitKind.Stopped);
        }
    }

    private bool TryWrite(ulong address, ulong value, bool adds) => memory.TryWrite(id, address, value, adds);

    private bool IsStopDue(ulong count, ulong stopAt) => count >= stopAt || Volatile.Read(ref _isRequested) != 0;

    /// <summary>It has come to a poll.</summary>
    private bool IsPollDue(ulong stopAt)
    {
        _polls++;
        return clock == ClockKind.SoftwareCounter && IsStopDue(_polls, stopAt);
    }

    private void Advance()
    {
        _progress++;
        _retired++;
    }

    private void Next()
    {
        _retired++;
        MoveOn();
    }

    private void MoveOn()
    {
        _progress = 0;
        if (++_index < steps.Count)
            return;
        _index = 0;
        _round++;
    }

    private static GuestExit Fault(ulong address, AccessRight right) =>
        new(ExitKind.Fault, 0, new[] { new MemoryAccess(address, sizeof(ulong), right) });
}
