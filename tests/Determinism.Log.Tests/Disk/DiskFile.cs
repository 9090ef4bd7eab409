namespace Determinism.Log.Tests.Disk;

/// <summary>A file whatever its name, with all that was ever appended to it.</summary>
internal sealed class DiskFile(string name)
{
    private byte[] _content = new byte[256];

    /// <summary>The name that it was created with.</summary>
    public string FirstName => name;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Content => _content.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> data)
    {
        if (Length + data.Length > _content.Length)
            Array.Resize(ref _content, Math.Max(_content.Length * 2, Length + data.Length));
        data.CopyTo(_content.AsSpan(Length));
        Length += data.Length;
    }

    public int Read(long offset, Span<byte> destination, int length)
    {
        int count = (int)Math.Max(0, Math.Min(destination.Length, length - offset));
        _content.AsSpan((int)Math.Min(offset, length), count).CopyTo(destination);
        return count;
    }
}
