using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Determinism.Log;

/// <summary>Encrypts contents with AES-256-GCM. The nonce is the block's number, which a log uses once; the key is the log's
/// own.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class BlockCipher(byte[] key) : IDisposable
{
    public const int TagBytes = 16;

    private const int NonceBytes = 12;

    private readonly AesGcm _cipher = new(key, TagBytes);

    /// <param name="header">The block's header without its checksums.</param>
    /// <param name="sequence">The block's number.</param>
    /// <param name="plain">The content.</param>
    /// <param name="sealed">As long as the content and the tag.</param>
    public void Seal(ReadOnlySpan<byte> header, long sequence, ReadOnlySpan<byte> plain, Span<byte> @sealed)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        FillNonce(nonce, sequence);
        lock (_cipher)
            _cipher.Encrypt(nonce, plain, @sealed[..plain.Length], @sealed[plain.Length..], header);
    }

    /// <returns>Whether the content is what was sealed with this header.</returns>
    public bool TryOpen(ReadOnlySpan<byte> header, long sequence, ReadOnlySpan<byte> @sealed, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        FillNonce(nonce, sequence);
        int length = @sealed.Length - TagBytes;
        try
        {
            lock (_cipher)
                _cipher.Decrypt(nonce, @sealed[..length], @sealed[length..], plain, header);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public void Dispose() => _cipher.Dispose();

    private static void FillNonce(Span<byte> nonce, long sequence)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(nonce, sequence);
    }
}
