using System.Security.Cryptography;
using System.Text;

namespace Determinism.Log;

/// <summary>The secrets of a log: one to read it by, one to prove by that nobody has changed it.</summary>
/// <remarks>Each log's own keys are made from these and the log's identity, so that one secret serves many logs; two logs of
/// one identity under one secret would break the encryption.</remarks>
public sealed class LogKeys
{
    /// <summary>Length of a secret in bytes.</summary>
    public const int SecretBytes = 32;

    private readonly byte[]? _encryption;
    private readonly byte[]? _chain;

    /// <summary>Takes the secrets.</summary>
    /// <param name="encryption">Encrypts the contents of blocks with AES-256-GCM; null for logs in the clear. Not available
    /// on netstandard2.0's platforms.</param>
    /// <param name="chain">Links all blocks by HMAC-SHA-256; null for none.</param>
    /// <exception cref="ArgumentException">A secret has not <see cref="SecretBytes"/> bytes.</exception>
    public LogKeys(byte[]? encryption = null, byte[]? chain = null)
    {
        _encryption = Take(encryption, nameof(encryption));
        _chain = Take(chain, nameof(chain));
    }

    /// <summary>Whether there is a secret to read by.</summary>
    public bool CanDecrypt => _encryption is not null;

    /// <summary>Whether there is a secret to prove by.</summary>
    public bool CanVerify => _chain is not null;

    internal byte[]? DeriveEncryptionKey(Guid identity) => Derive(_encryption, "determinism log encryption", identity);

    internal byte[]? DeriveChainKey(Guid identity) => Derive(_chain, "determinism log chain", identity);

    private static byte[]? Take(byte[]? secret, string name) => secret is null || secret.Length == SecretBytes
        ? secret?.ToArray()
        : throw new ArgumentException($"A secret has {SecretBytes} bytes.", name);

    private static byte[]? Derive(byte[]? secret, string purpose, Guid identity)
    {
        if (secret is null)
            return null;
        using var mac = new HMACSHA256(secret);
        return mac.ComputeHash([.. Encoding.ASCII.GetBytes(purpose), .. identity.ToByteArray()]);
    }
}
