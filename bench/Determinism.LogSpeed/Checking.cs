using System.Diagnostics;
using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>Checksums: alone, of all blocks of a log in the page cache, and all that a verification looks at.</summary>
internal static class Checking
{
    private const int LogBytes = 200_000_000;

    public static void Run(string folder, Table table)
    {
        string path = Path.Combine(folder, "checked");
        new SyntheticLog().Write(path, LogBytes);
        long size = new DirectoryInfo(path).EnumerateFiles("*.detlog").Sum(file => file.Length);
        var data = new byte[LogLimits.BlockBytes];
        new Random(1).NextBytes(data);
        uint expected = Crc32C.Compute(data);
        for (int repeat = 0; repeat < 200; repeat++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int index = 0; index < 20; index++)
            {
                if (Crc32C.Compute(data) != expected)
                    throw new InvalidOperationException("The checksum is another each time.");
            }
            table.Add("CRC-32C of 64 KiB, GB/s", 20.0 * data.Length / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }
        for (int repeat = 0; repeat < 3; repeat++)
        {
            ReadBlocks(path, size, table);
            long start = Stopwatch.GetTimestamp();
            if (!LogVerifier.Verify(path).IsTrusted)
                throw new InvalidOperationException("The log is damaged.");
            table.Add("whole verification of a log, GB/s", size / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }
    }

    private static void ReadBlocks(string path, long size, Table table)
    {
        long start = Stopwatch.GetTimestamp();
        FolderStorage storage = FolderStorage.OpenExisting(path);
        int segments = Directory.GetFiles(path, "*.detlog").Length;
        StreamStart[] starts = SegmentFile.InitialStarts(SyntheticLog.Streams);
        for (int number = 0; number < segments; number++)
        {
            using SegmentFile segment = SegmentFile.Open(storage, number, starts);
            if (segment.Walk(withContents: true) is { } problem)
                throw new InvalidOperationException(problem);
            starts = segment.Ends.ToArray();
        }
        table.Add("checksums of all blocks of a log, GB/s", size / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
    }
}
