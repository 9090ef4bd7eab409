namespace Determinism.Debugging.Protocol;

/// <summary>Finds packets in a stream of bytes: <c>$</c>, content, <c>#</c>, checksum. One thread at a time.</summary>
/// <param name="bound">The most bytes of a packet, escapes not counted.</param>
internal sealed class PacketReader(int bound)
{
    public const byte InterruptByte = 0x03;
    public const byte Escape = (byte)'}';
    public const byte EscapeBit = 0x20;

    private readonly byte[] _content = new byte[bound];
    private Place _place;
    private int _length;
    private bool _isTooLong;
    private bool _isEscaped;
    private byte _sum;
    private int _told;

    private enum Place
    {
        Between,
        Content,
        FirstDigit,
        SecondDigit,
    }

    /// <summary>The content of the packet that was completed last, without escapes.</summary>
    public ReadOnlySpan<byte> Packet => _content.AsSpan(0, _length);

    /// <summary>Takes the next byte.</summary>
    public PacketInput Push(byte next)
    {
        switch (_place)
        {
            case Place.Between:
                return Start(next);
            case Place.Content:
                Continue(next);
                return PacketInput.Nothing;
            case Place.FirstDigit:
                // What is no digit never equals a sum.
                _told = Hex.Digit(next) is >= 0 and var high ? high << 4 : -1;
                _place = Place.SecondDigit;
                return PacketInput.Nothing;
            default:
                _place = Place.Between;
                int low = Hex.Digit(next);
                if (low < 0 || _told < 0 || (_told | low) != _sum)
                    return PacketInput.Damaged;
                return _isTooLong ? PacketInput.TooLong : PacketInput.Packet;
        }
    }

    private PacketInput Start(byte next)
    {
        switch (next)
        {
            case (byte)'$':
                Begin();
                return PacketInput.Nothing;
            case (byte)'+':
                return PacketInput.Acknowledged;
            case (byte)'-':
                return PacketInput.Refused;
            case InterruptByte:
                return PacketInput.Interrupt;
            default:
                return PacketInput.Nothing;
        }
    }

    private void Begin()
    {
        _place = Place.Content;
        _length = 0;
        _isTooLong = _isEscaped = false;
        _sum = 0;
    }

    private void Continue(byte next)
    {
        // Never inside a packet: the rest of the one before was lost.
        if (next == '$')
        {
            Begin();
            return;
        }
        if (next == '#')
        {
            _place = Place.FirstDigit;
            return;
        }
        _sum += next;
        if (!_isEscaped && next == Escape)
        {
            _isEscaped = true;
            return;
        }
        if (_length < _content.Length)
            _content[_length++] = _isEscaped ? (byte)(next ^ EscapeBit) : next;
        else
            _isTooLong = true;
        _isEscaped = false;
    }
}
