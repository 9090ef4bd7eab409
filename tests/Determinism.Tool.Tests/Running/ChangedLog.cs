using Determinism.Log;

namespace Determinism.Tool.Tests.Running;

/// <summary>Changes to the files of a log.</summary>
internal static class ChangedLog
{
    /// <summary>Changes the bytes of a segment.</summary>
    public static void Change(string log, int segment, Func<byte[], byte[]> change)
    {
        string path = Path.Combine(log, $"{segment:D6}.detlog");
        File.WriteAllBytes(path, change(File.ReadAllBytes(path)));
    }

    /// <summary>Flips a bit.</summary>
    public static void Flip(string log, int segment, long offset) => Change(log, segment, bytes =>
    {
        bytes[offset] ^= 1;
        return bytes;
    });

    /// <summary>Makes it a log whose recording was killed, after a part of the bytes of its events.</summary>
    public static void BreakOff(string log, double part)
    {
        int at = FindInEvents(log, part);
        File.Delete(Path.Combine(log, "manifest"));
        Change(log, 0, bytes => bytes[..at]);
    }

    /// <summary>Where, in the only segment, a part of the events' blocks is passed.</summary>
    public static int FindInEvents(string log, double part)
    {
        using var reader = new FileEventLogReader(log);
        LogBlockInfo[] events = [.. reader.ReadBlocks().Where(block => block.Kind == BlockKind.Events)];
        long end = events[^1].Offset + BlockHeader.Size + events[^1].StoredBytes;
        long at = events[0].Offset + (long)((end - events[0].Offset) * part);
        // Blocks of other kinds may lie between; without them no event is lost.
        LogBlockInfo block = events.First(one => one.Offset + BlockHeader.Size + one.StoredBytes > at);
        return (int)Math.Max(at, block.Offset + BlockHeader.Size);
    }

    public static string WriteKey(this LogFolder folder, string name, byte first, bool asText = false)
    {
        byte[] secret = Secret(first);
        string path = folder.Beside(name);
        if (asText)
            File.WriteAllText(path, Convert.ToHexString(secret) + "\n");
        else
            File.WriteAllBytes(path, secret);
        return path;
    }

    public static byte[] Secret(byte first) => [.. Enumerable.Range(first, 32).Select(one => (byte)one)];
}
