using System.Security.Cryptography;

namespace Determinism;

/// <summary>Spans into a hash for both targets.</summary>
internal static class IncrementalHashExtensions
{
#if NET
    public static void Append(this IncrementalHash hash, ReadOnlySpan<byte> data) => hash.AppendData(data);
#else
    public static void Append(this IncrementalHash hash, ReadOnlySpan<byte> data) => hash.AppendData(data.ToArray());
#endif
}
