using System.Text;

namespace Determinism.Debugging.Protocol;

/// <summary>Questions, settings, and what has a long name.</summary>
internal sealed partial class GdbSession
{
    private bool _knowsSoftwareBreakpoints;
    private bool _knowsHardwareBreakpoints;

    private void HandleVerbose(PacketText text, CancellationToken interrupt)
    {
        if (text.TrySkip("Cont?"))
        {
            Answer("vCont;c;C;s;S;t;r");
        }
        else if (text.TrySkip("Cont"))
        {
            ResumeEach(text, interrupt);
        }
        else if (text.TrySkip("Kill;"))
        {
            // As k: there is nothing to kill.
            Ok();
            IsOver = true;
        }
        else
        {
            Unsupported();
        }
    }

    private void HandleSetting(PacketText text)
    {
        if (text.TrySkip("StartNoAckMode") && text.IsEmpty)
        {
            Ok();
            IsNoAck = true;
        }
        else
        {
            Unsupported();
        }
    }

    private void HandleQuery(PacketText text, CancellationToken interrupt)
    {
        if (text.TrySkip("Supported"))
            TellFeatures(text);
        else if (text.TrySkip("Xfer:features:read:"))
            ReadDescription(text);
        else if (text.TrySkip("Rcmd,"))
            Monitor(text, interrupt);
        else if (text.TrySkip("fThreadInfo"))
            ListThreads();
        else if (text.TrySkip("sThreadInfo"))
            Answer("l");
        else if (text.TrySkip("ThreadExtraInfo,"))
            DescribeThread(text);
        else if (text.TrySkip("Symbol:"))
            Ok();
        else if (text.TrySkip("Attached"))
            // The debugger lets go at its end, and does not kill.
            Answer("1");
        else if (text.TrySkip("C") && text.IsEmpty)
            Answer(new Reply().Text("QC").Number((ulong)Selected(_general)));
        else
            Unsupported();
    }

    private void TellFeatures(PacketText text)
    {
        string[] known = Encoding.ASCII.GetString(text.Rest).TrimStart(':').Split(';');
        _knowsSoftwareBreakpoints = known.Contains("swbreak+");
        _knowsHardwareBreakpoints = known.Contains("hwbreak+");
        Reply reply = new Reply().Text("PacketSize=").Number((ulong)_packetBytes)
            .Text(";QStartNoAckMode+;qXfer:features:read+;swbreak+;hwbreak+;vContSupported+");
        Answer(_target.IsReversible ? reply.Text(";ReverseStep+;ReverseContinue+") : reply);
    }

    private void ReadDescription(PacketText text)
    {
        string name = text.TakeUntil(':');
        int offset = text.TakeSmallNumber();
        text.Skip(',');
        int length = text.TakeSmallNumber();
        text.End();
        byte[] content = Encoding.ASCII.GetBytes(_target.Description.Xml);
        if (name != "target.xml" || offset > content.Length)
            throw new PacketException(PacketError.Malformed);
        // Each byte might need an escape.
        int count = Math.Min(content.Length - offset, Math.Min(length, MostMemoryBytes));
        Answer(new Reply().Text(offset + count < content.Length ? "m" : "l").Bytes(content.AsSpan(offset, count)));
    }

    private void Monitor(PacketText text, CancellationToken interrupt)
    {
        string command = Encoding.UTF8.GetString(text.TakeHexBytes());
        AnswerConsole(_target.Monitor(command, interrupt));
    }

    /// <summary>Text for the debugger's user, in as many packets as it needs.</summary>
    private void AnswerConsole(string printed)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(printed);
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, MostMemoryBytes)..])
            Answer(new Reply().Text("O").HexBytes(bytes[..Math.Min(bytes.Length, MostMemoryBytes)]));
        Ok();
    }

    private void ListThreads()
    {
        var reply = new Reply();
        foreach (DebugThread thread in _target.Threads)
            reply.Text(reply.Length == 0 ? "m" : ",").Number((ulong)thread.Id);
        Answer(reply);
    }

    private void DescribeThread(PacketText text)
    {
        int thread = text.TakeThread();
        text.End();
        CheckThread(thread);
        string description = _target.Threads.FirstOrDefault(one => one.Id == thread).Description
            ?? throw new PacketException(PacketError.NoThread);
        byte[] bytes = Encoding.UTF8.GetBytes(description);
        Answer(new Reply().HexBytes(bytes.AsSpan(0, Math.Min(bytes.Length, MostMemoryBytes))));
    }
}
