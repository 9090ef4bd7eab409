namespace Determinism.Log.Tests.Support;

/// <summary>The secrets of logs in tests. Published, and so worth nothing.</summary>
internal static class Secrets
{
    public static byte[] Encryption { get; } = [.. Enumerable.Range(1, 32).Select(static value => (byte)value)];

    public static byte[] Chain { get; } = [.. Enumerable.Range(101, 32).Select(static value => (byte)value)];

    public static Guid Identity { get; } = new("5ec0ffee-0001-4002-8003-0123456789ab");

    public static LogKeys Keys { get; } = new(Encryption, Chain);
}
