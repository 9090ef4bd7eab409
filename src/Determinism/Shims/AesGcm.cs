#if !NET
namespace Determinism;

/// <summary>netstandard2.0 has no authenticated encryption: asking for it is refused at once.</summary>
internal sealed class AesGcm : IDisposable
{
    private readonly string _reason;

    public AesGcm(byte[] key, int tagBytes)
    {
        _reason = $"Encrypted logs ({key.Length * 8} bit keys, {tagBytes} byte tags) need the .NET build of this library.";
        throw new PlatformNotSupportedException(_reason);
    }

    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> cipher, Span<byte> tag,
        ReadOnlySpan<byte> associated) => throw new PlatformNotSupportedException(_reason);

    public void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> plain,
        ReadOnlySpan<byte> associated) => throw new PlatformNotSupportedException(_reason);

    public void Dispose()
    {
    }
}
#endif
