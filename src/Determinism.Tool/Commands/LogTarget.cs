using System.Security.Cryptography;
using Determinism.Log;

namespace Determinism.Tool.Commands;

/// <summary>How commands write a log of their own.</summary>
internal static class LogTarget
{
    /// <summary>Under the same secrets, but with an identity of its own: two logs of one identity under one secret would break
    /// the encryption.</summary>
    public static LogWriteOptions Options(LogKeys? keys) => new()
    {
        Compression = BlockCodec.Lz4, Keys = keys, Identity = keys is null ? Guid.Empty : new Guid(RandomNumberGenerator.GetBytes(16)),
    };
}
