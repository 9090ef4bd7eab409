namespace Determinism;

/// <summary>Spans to streams for both targets; netstandard2.0's streams take arrays only.</summary>
internal static class FileBytes
{
#if NET
    public static void Write(Stream stream, ReadOnlySpan<byte> data) => stream.Write(data);
#else
    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        byte[] copy = data.ToArray();
        stream.Write(copy, 0, copy.Length);
    }
#endif
}
