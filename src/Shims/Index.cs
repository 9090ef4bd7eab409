namespace System;

/// <summary>A place in a sequence, from its start or from its end.</summary>
internal readonly struct Index(int value, bool fromEnd = false)
{
    private readonly int _value = fromEnd ? ~value : value;

    public static Index Start => new(0);

    public static Index End => new(0, fromEnd: true);

    public static implicit operator Index(int value) => new(value);

    public int GetOffset(int length) => _value < 0 ? length - ~_value : _value;
}
