namespace Determinism;

/// <summary>Spans to and from files for both targets; netstandard2.0's streams take arrays only.</summary>
internal static class FileBytes
{
#if NET
    public static void Write(FileStream stream, ReadOnlySpan<byte> data) => stream.Write(data);

    public static int ReadAt(FileStream stream, long offset, Span<byte> destination) =>
        RandomAccess.Read(stream.SafeFileHandle, destination, offset);

    public static long Length(FileStream stream) => RandomAccess.GetLength(stream.SafeFileHandle);

    public static void Replace(string from, string to) => File.Move(from, to, overwrite: true);
#else
    public static void Write(FileStream stream, ReadOnlySpan<byte> data)
    {
        byte[] copy = data.ToArray();
        stream.Write(copy, 0, copy.Length);
    }

    public static int ReadAt(FileStream stream, long offset, Span<byte> destination)
    {
        byte[] copy = System.Buffers.ArrayPool<byte>.Shared.Rent(destination.Length);
        try
        {
            int count;
            lock (stream)
            {
                stream.Position = offset;
                count = stream.Read(copy, 0, destination.Length);
            }
            copy.AsSpan(0, count).CopyTo(destination);
            return count;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(copy);
        }
    }

    public static long Length(FileStream stream)
    {
        lock (stream)
            return stream.Length;
    }

    // .NET Framework has no rename that replaces but this one, and it asks for a file to be there.
    public static void Replace(string from, string to)
    {
        if (File.Exists(to))
            File.Replace(from, to, null);
        else
            File.Move(from, to);
    }
#endif
}
