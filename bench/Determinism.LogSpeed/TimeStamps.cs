using System.Globalization;
using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>What time stamps take that a loop reads: the guests' kernels read none.</summary>
internal static class TimeStamps
{
    private const int Number = 200_000;

    // Of a machine's time stamps.
    private const uint Code = 5;

    public static List<Sizes.StampSizes> Measure(string folder)
    {
        var all = new List<Sizes.StampSizes>();
        foreach (int distance in new[] { 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000 })
        {
            string path = Path.Combine(folder, "stamps" + distance.ToString(CultureInfo.InvariantCulture));
            long encoded = Write(path, distance);
            using var plain = new FileEventLogReader(path);
            LogCopy.WriteTo(plain, path + "-lz4", new LogWriteOptions { Compression = BlockCodec.Lz4 });
            using var compressed = new FileEventLogReader(path + "-lz4");
            all.Add(new Sizes.StampSizes(distance, (double)encoded / Number, (double)Sizes.EventBlockBytes(plain) / Number,
                (double)Sizes.EventBlockBytes(compressed) / Number));
        }
        return all;
    }

    private static long Write(string path, int distance)
    {
        var random = new Random(distance);
        var encoder = new EventEncoder(1);
        var buffer = new byte[EventEncoder.MaximumFixedBytes];
        ulong now = 1_000_000_000;
        long encoded = 0;
        using var log = new FileEventLog(path, 1);
        for (int number = 1; number <= Number; number++)
        {
            // Times between reads scatter by a tenth. A read is a synchronous exit, the one after the last.
            now += (ulong)(distance * (0.9 + (0.2 * random.NextDouble())));
            var one = new StreamEvent
            {
                Kind = EventKind.Input, Place = PlaceKind.Exit, Position = (ulong)number, Code = Code, Value = now, Check = (byte)random.Next(256),
            };
            encoder.TryWrite(buffer, one, default, default, out int written);
            log.Append(0, buffer.AsSpan(0, written));
            encoded += written;
        }
        log.Complete();
        return encoded;
    }
}
