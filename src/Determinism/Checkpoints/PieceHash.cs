using System.Buffers.Binary;
using System.IO.Hashing;

namespace Determinism.Checkpoints;

/// <summary>Tells contents of pieces apart: 128 bits of XXH3.</summary>
/// <remarks>Not a hash that an adversary could find no collisions of: a guest that has two contents of one hash on purpose
/// spoils its own checkpoints, and the replay that starts there diverges, which is told like any other divergence.</remarks>
internal readonly record struct PieceHash(ulong High, ulong Low)
{
    public static PieceHash Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[16];
        XxHash128.Hash(content, hash);
        return new PieceHash(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }
}
