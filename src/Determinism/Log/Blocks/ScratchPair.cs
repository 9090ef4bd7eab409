namespace Determinism.Log;

/// <summary>Two arrays that grow as needed and are used again.</summary>
internal struct ScratchPair
{
    private byte[]? _first;
    private byte[]? _second;

    public Span<byte> First(int length) => FirstMemory(length).Span;

    public Span<byte> Second(int length) => SecondMemory(length).Span;

    public Memory<byte> FirstMemory(int length) => Take(ref _first, length);

    public Memory<byte> SecondMemory(int length) => Take(ref _second, length);

    private static Memory<byte> Take(ref byte[]? array, int length)
    {
        if (array is null || array.Length < length)
            array = new byte[length];
        return array.AsMemory(0, length);
    }
}
