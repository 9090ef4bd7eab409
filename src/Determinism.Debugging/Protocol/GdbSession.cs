using System.Text;

namespace Determinism.Debugging.Protocol;

/// <summary>One debugger's connection, without its transport: packets in, replies out. One thread at a time.</summary>
internal sealed partial class GdbSession
{
    private readonly IDebugTarget _target;
    private readonly int _packetBytes;
    private List<Reply> _replies = [];

    // What the debugger reads and resumes: a thread, or 0 for whichever the target shows.
    private int _general;
    private int _continued;

    public GdbSession(IDebugTarget target, int packetBytes)
    {
        _target = target;
        _packetBytes = packetBytes;
    }

    /// <summary>Whether packets are no longer acknowledged.</summary>
    public bool IsNoAck { get; private set; }

    /// <summary>Whether the debugger has let go.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Answers a packet.</summary>
    /// <param name="packet">Its content.</param>
    /// <param name="interrupt">Cancelled when the debugger wants the target to stop, or is gone.</param>
    /// <returns>The answers, in this order; none to a packet that wants none.</returns>
    public IReadOnlyList<Reply> Handle(ReadOnlySpan<byte> packet, CancellationToken interrupt)
    {
        _replies = [];
        try
        {
            Dispatch(packet, interrupt);
        }
        catch (PacketException error)
        {
            _replies.Clear();
            Fail(error.Error);
        }
        catch (DebugTargetException error)
        {
            _replies.Clear();
            Refuse(packet, error);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            // A command that takes long; what resumes says so itself.
            _replies.Clear();
            AnswerConsole("Interrupted.\n");
        }
        return _replies;
    }

    /// <summary>The answer to a packet that could not be taken.</summary>
    public static Reply Error(PacketError error) => new Reply().Text("E").HexByte((byte)error);

    private void Dispatch(ReadOnlySpan<byte> packet, CancellationToken interrupt)
    {
        var text = new PacketText(packet);
        if (text.IsEmpty)
        {
            Unsupported();
            return;
        }
        switch ((char)text.TakeByte())
        {
            case '?':
                text.End();
                TellLastStop();
                break;
            case 'g':
                text.End();
                ReadRegisters();
                break;
            case 'G':
                WriteRegisters(text);
                break;
            case 'p':
                ReadRegister(text);
                break;
            case 'P':
                WriteRegister(text);
                break;
            case 'm':
                ReadMemory(text);
                break;
            case 'M':
                WriteMemory(text, isHex: true);
                break;
            case 'X':
                WriteMemory(text, isHex: false);
                break;
            case 'Z':
                SetPoint(text, isSet: true);
                break;
            case 'z':
                SetPoint(text, isSet: false);
                break;
            case 'H':
                SelectThread(text);
                break;
            case 'T':
                CheckThread(text.TakeThread());
                text.End();
                Ok();
                break;
            case 'c' or 's' or 'C' or 'S':
                ResumeOld(packet, interrupt);
                break;
            case 'b':
                ResumeBackward(text, interrupt);
                break;
            case 'v':
                HandleVerbose(text, interrupt);
                break;
            case 'q':
                HandleQuery(text, interrupt);
                break;
            case 'Q':
                HandleSetting(text);
                break;
            case 'D':
                Ok();
                IsOver = true;
                break;
            case 'k':
                // Wants no answer. There is nothing to kill: what is recorded has happened.
                IsOver = true;
                break;
            default:
                Unsupported();
                break;
        }
    }

    private void Answer(Reply reply) => _replies.Add(reply);

    private void Answer(string text) => _replies.Add(new Reply().Text(text));

    private void Ok() => Answer("OK");

    /// <summary>The protocol's way of saying that a packet is not known.</summary>
    private void Unsupported() => Answer("");

    private void Fail(PacketError error) => Answer(Error(error));

    /// <summary>Where the debugger shows the text of an error, it gets one; elsewhere it might take it for data.</summary>
    private void Refuse(ReadOnlySpan<byte> packet, DebugTargetException error)
    {
        bool isText = packet[0] is (byte)'P' or (byte)'G' or (byte)'c' or (byte)'s' or (byte)'b' or (byte)'v';
        if (packet.StartsWith("qRcmd,"u8))
            AnswerConsole(error.Message + "\n");
        else if (isText)
            Answer(new Reply().Text("E.").Bytes(Encoding.UTF8.GetBytes(error.Message.AsSpan(0, Math.Min(error.Message.Length, 200)).ToString())));
        else
            Fail(PacketError.Refused);
    }

    /// <summary>The thread that the debugger means, or the one that the target shows.</summary>
    private int Selected(int thread)
    {
        // It may have gone since it was selected.
        return thread > 0 && _target.Threads.Any(one => one.Id == thread) ? thread : _target.CurrentThread;
    }

    private void CheckThread(int thread)
    {
        if (thread > 0 && !_target.Threads.Any(one => one.Id == thread))
            throw new PacketException(PacketError.NoThread);
    }

    private void SelectThread(PacketText text)
    {
        byte purpose = text.TakeByte();
        int thread = text.TakeThread();
        text.End();
        CheckThread(thread);
        if (purpose == 'g')
            _general = Math.Max(0, thread);
        else if (purpose == 'c')
            _continued = Math.Max(0, thread);
        else
            throw new PacketException(PacketError.Malformed);
        Ok();
    }
}
