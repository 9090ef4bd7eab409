namespace Determinism.Debugging.Protocol;

/// <summary>Going on, forwards and backwards, and saying how it stopped.</summary>
internal sealed partial class GdbSession
{
    private DebugStop? _lastStop;

    private void TellLastStop() => Answer(Describe(_lastStop ??= DebugStop.Stepped(_target.CurrentThread)));

    /// <summary>c, s, C, S: with a thread that was selected before.</summary>
    private void ResumeOld(ReadOnlySpan<byte> packet, CancellationToken interrupt)
    {
        var text = new PacketText(packet);
        char kind = (char)text.TakeByte();
        // Signals are taken and forgotten: what a recording delivers is in it.
        if (kind is 'C' or 'S')
            text.TakeNumber();
        // An address to go on at would change the past.
        text.End();
        bool isStep = kind is 's' or 'S';
        Resume(new ResumeRequest { IsStep = isStep, Thread = isStep ? Selected(Resumed) : 0 }, interrupt);
    }

    private void ResumeBackward(PacketText text, CancellationToken interrupt)
    {
        char kind = (char)text.TakeByte();
        text.End();
        if (!_target.IsReversible || kind is not ('c' or 's'))
        {
            Unsupported();
            return;
        }
        Resume(new ResumeRequest { IsBackward = true, IsStep = kind == 's', Thread = kind == 's' ? Selected(Resumed) : 0 }, interrupt);
    }

    private int Resumed => _continued > 0 ? _continued : _general;

    /// <summary>vCont: an action each for some threads, and one for the others.</summary>
    private void ResumeEach(PacketText text, CancellationToken interrupt)
    {
        var request = new ResumeRequest();
        int acts = 0, named = 0;
        bool hasOthers = false, isMoving = false;
        while (!text.IsEmpty)
        {
            text.Skip(';');
            char action = (char)text.TakeByte();
            ulong start = 0, end = 0;
            if (action is 'C' or 'S')
                text.TakeNumber();
            if (action == 'r')
            {
                start = text.TakeNumber();
                text.Skip(',');
                end = text.TakeNumber();
            }
            else if (action is not ('c' or 'C' or 's' or 'S' or 't'))
            {
                throw new PacketException(PacketError.Malformed);
            }
            int thread = text.TrySkip(":") ? text.TakeThread() : -1;
            CheckThread(thread);
            acts++;
            if (action == 't')
                continue;
            isMoving = true;
            hasOthers |= thread <= 0;
            named = thread > 0 ? thread : named;
            // The leftmost that steps is the one whose step is waited for.
            if (action is 's' or 'S' or 'r' && !request.IsStep)
                request = request with { IsStep = true, Thread = Math.Max(0, thread), RangeStart = start, RangeEnd = end };
        }
        if (acts == 0)
            throw new PacketException(PacketError.Malformed);
        if (!isMoving)
        {
            // Everybody is to stand still, and does.
            _lastStop = DebugStop.Signal(Selected(_general), 0);
            TellLastStop();
            return;
        }
        if (!hasOthers)
            request = request with { IsAlone = true, Thread = request.IsStep ? request.Thread : named };
        Resume(request, interrupt);
    }

    private void Resume(ResumeRequest request, CancellationToken interrupt)
    {
        _lastStop = _target.Resume(request with { Points = _points }, interrupt);
        if (_lastStop.Thread > 0)
            _general = _lastStop.Thread;
        TellLastStop();
    }

    private Reply Describe(DebugStop stop)
    {
        var reply = new Reply();
        if (stop.Reason == DebugStopReason.Exited)
            return reply.Text("W").HexByte((byte)stop.Number);
        reply.Text("T").HexByte((byte)(stop.Reason == DebugStopReason.Signal ? stop.Number : DebugStop.TrapSignal));
        switch (stop.Reason)
        {
            case DebugStopReason.Breakpoint when stop.Point.Kind == DebugPointKind.SoftwareBreakpoint && _knowsSoftwareBreakpoints:
                reply.Text("swbreak:;");
                break;
            case DebugStopReason.Breakpoint when stop.Point.Kind == DebugPointKind.HardwareBreakpoint && _knowsHardwareBreakpoints:
                reply.Text("hwbreak:;");
                break;
            case DebugStopReason.Watchpoint:
                reply.Text(stop.Point.Kind switch
                {
                    DebugPointKind.ReadWatchpoint => "rwatch:",
                    DebugPointKind.AccessWatchpoint => "awatch:",
                    _ => "watch:",
                }).Number(stop.Address).Text(";");
                break;
            case DebugStopReason.HistoryBegin:
                reply.Text("replaylog:begin;");
                break;
            case DebugStopReason.HistoryEnd:
                reply.Text("replaylog:end;");
                break;
        }
        AppendExpedited(reply, stop.Thread);
        return reply.Text("thread:").Number((ulong)stop.Thread).Text(";");
    }

    private void AppendExpedited(Reply reply, int thread)
    {
        IReadOnlyList<RegisterDescription> registers = _target.Description.Registers;
        Span<byte> buffer = stackalloc byte[TargetDescription.LargestRegister];
        for (int register = 0; register < registers.Count; register++)
        {
            Span<byte> value = buffer[..registers[register].Bytes];
            if (registers[register].IsExpedited && _target.TryReadRegister(thread, register, value))
                reply.Number((ulong)register).Text(":").HexBytes(value).Text(";");
        }
    }
}
