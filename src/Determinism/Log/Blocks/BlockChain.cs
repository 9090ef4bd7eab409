using System.Security.Cryptography;

namespace Determinism.Log;

/// <summary>Links blocks so that nobody without the secret can change, drop, insert or reorder one: each link is an HMAC of
/// the link before and the block.</summary>
/// <remarks>One thread at a time.</remarks>
internal sealed class BlockChain(byte[] key) : IDisposable
{
    public const int LinkBytes = 32;

    private readonly IncrementalHash _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);

    /// <summary>The link of the block seen last.</summary>
    public byte[] Last { get; private set; } = new byte[LinkBytes];

    /// <summary>Goes on by one block, or one segment's start.</summary>
    /// <returns>Its link.</returns>
    public ReadOnlySpan<byte> Extend(ReadOnlySpan<byte> header, ReadOnlySpan<byte> content = default)
    {
        _mac.Append(Last);
        _mac.Append(header);
        _mac.Append(content);
        return Last = _mac.GetHashAndReset();
    }

    /// <summary>Goes on from another link.</summary>
    public void Resume(ReadOnlySpan<byte> link) => Last = link.ToArray();

    public void Dispose() => _mac.Dispose();
}
