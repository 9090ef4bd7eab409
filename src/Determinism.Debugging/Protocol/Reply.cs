using System.Globalization;
using System.Text;

namespace Determinism.Debugging.Protocol;

/// <summary>One packet to the debugger, being written: content, and the frame around it.</summary>
internal sealed class Reply
{
    private readonly List<byte> _content = [];

    public int Length => _content.Count;

    public Reply Text(string text)
    {
        _content.AddRange(Encoding.ASCII.GetBytes(text));
        return this;
    }

    public Reply Number(ulong value) => Text(value.ToString("x", CultureInfo.InvariantCulture));

    public Reply HexByte(byte value)
    {
        _content.Add(Hex.Character(value >> 4));
        _content.Add(Hex.Character(value & 15));
        return this;
    }

    public Reply HexBytes(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
            HexByte(value);
        return this;
    }

    /// <summary>Bytes as they are.</summary>
    public Reply Bytes(ReadOnlySpan<byte> bytes)
    {
        _content.AddRange(bytes);
        return this;
    }

    /// <summary>The packet as it is sent: escaped, runs shortened, with its checksum.</summary>
    public byte[] ToFrame()
    {
        var frame = new List<byte>(_content.Count + 4) { (byte)'$' };
        byte sum = 0;
        void Put(byte value)
        {
            frame.Add(value);
            sum += value;
        }

        for (int at = 0; at < _content.Count;)
        {
            byte value = _content[at];
            // These four mean something in a frame.
            if (value is (byte)'$' or (byte)'#' or (byte)'*' or PacketReader.Escape)
            {
                Put(PacketReader.Escape);
                Put((byte)(value ^ PacketReader.EscapeBit));
                at++;
                continue;
            }
            int repeats = RepeatsAt(at);
            Put(value);
            if (repeats >= LeastRepeats)
            {
                Put((byte)'*');
                Put((byte)(repeats + RepeatOffset));
            }
            else
            {
                repeats = 0;
            }
            at += 1 + repeats;
        }
        frame.Add((byte)'#');
        frame.Add(Hex.Character(sum >> 4));
        frame.Add(Hex.Character(sum & 15));
        return [.. frame];
    }

    private const int LeastRepeats = 3;
    private const int MostRepeats = 97;
    private const int RepeatOffset = 29;

    /// <summary>How often the byte is repeated after itself, as far as one count tells.</summary>
    private int RepeatsAt(int at)
    {
        int repeats = 0;
        while (repeats < MostRepeats && at + repeats + 1 < _content.Count && _content[at + repeats + 1] == _content[at])
            repeats++;
        // The counts that would be written as the start or end of a frame; and as acknowledgements, which some would take out.
        return (char)(repeats + RepeatOffset) switch
        {
            '#' or '$' => '"' - RepeatOffset,
            '+' => '*' - RepeatOffset,
            '-' => ',' - RepeatOffset,
            _ => repeats,
        };
    }
}
