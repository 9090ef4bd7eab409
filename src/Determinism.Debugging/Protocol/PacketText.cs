using System.Text;

namespace Determinism.Debugging.Protocol;

/// <summary>Takes a packet apart, from left to right.</summary>
/// <exception cref="PacketException">By each member that takes something: it is not there.</exception>
internal ref struct PacketText(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public readonly bool IsEmpty => _rest.IsEmpty;

    /// <summary>Everything that is left.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Takes a text if it is next.</summary>
    public bool TrySkip(string prefix)
    {
        if (_rest.Length < prefix.Length)
            return false;
        for (int index = 0; index < prefix.Length; index++)
        {
            if (_rest[index] != prefix[index])
                return false;
        }
        _rest = _rest[prefix.Length..];
        return true;
    }

    public void Skip(char expected)
    {
        if (TakeByte() != expected)
            throw Malformed();
    }

    public byte TakeByte()
    {
        if (_rest.IsEmpty)
            throw Malformed();
        byte first = _rest[0];
        _rest = _rest[1..];
        return first;
    }

    /// <summary>Takes a number of one to sixteen digits.</summary>
    public ulong TakeNumber()
    {
        ulong value = 0;
        int digits = 0;
        for (; !_rest.IsEmpty && Hex.Digit(_rest[0]) is >= 0 and var digit; digits++)
        {
            if (value >> 60 != 0)
                throw Malformed();
            value = (value << 4) | (uint)digit;
            _rest = _rest[1..];
        }
        return digits > 0 ? value : throw Malformed();
    }

    /// <summary>Takes a number that is a length or an index.</summary>
    public int TakeSmallNumber() => TakeNumber() is var value && value <= int.MaxValue ? (int)value : throw Malformed();

    /// <summary>Takes a thread: its number, 0 for any, -1 for all.</summary>
    public int TakeThread() => TrySkip("-1") ? -1 : TakeSmallNumber();

    /// <summary>Takes pairs of digits to the end.</summary>
    public byte[] TakeHexBytes()
    {
        if (_rest.Length % 2 != 0)
            throw Malformed();
        var bytes = new byte[_rest.Length / 2];
        for (int index = 0; index < bytes.Length; index++)
        {
            int high = Hex.Digit(_rest[2 * index]), low = Hex.Digit(_rest[(2 * index) + 1]);
            if (high < 0 || low < 0)
                throw Malformed();
            bytes[index] = (byte)((high << 4) | low);
        }
        _rest = default;
        return bytes;
    }

    /// <summary>Takes what comes before a character, and the character.</summary>
    public string TakeUntil(char end)
    {
        int length = _rest.IndexOf((byte)end);
        if (length < 0)
            throw Malformed();
        string taken = Encoding.ASCII.GetString(_rest[..length]);
        _rest = _rest[(length + 1)..];
        return taken;
    }

    /// <summary>Nothing may be left.</summary>
    public readonly void End()
    {
        if (!_rest.IsEmpty)
            throw Malformed();
    }

    private static PacketException Malformed() => new(PacketError.Malformed);
}
