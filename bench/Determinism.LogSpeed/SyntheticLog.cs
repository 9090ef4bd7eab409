using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>A log of four vCPUs and a device, as large as one likes, all of whose events are known.</summary>
internal sealed class SyntheticLog
{
    public const int Streams = 5;

    private readonly SyntheticStream[] _streams =
        [.. Enumerable.Range(0, Streams).Select(stream => new SyntheticStream(stream, Streams))];

    /// <summary>Events in each stream.</summary>
    public ulong Events { get; private set; }

    public SyntheticStream this[int stream] => _streams[stream];

    /// <summary>Writes about as many bytes as are wanted.</summary>
    public void Write(string path, long bytes)
    {
        using var log = new FileEventLog(path, Streams);
        for (long written = 0; written < bytes; Events += SyntheticStream.RunEvents)
        {
            // Piece by piece, so that no stream is ahead of the others by more than a writer's share.
            for (int piece = 0, left = Streams; left > 0; piece++)
            {
                left = 0;
                for (int stream = 0; stream < Streams; stream++)
                {
                    byte[][] run = Events == 0 ? _streams[stream].First : _streams[stream].Repeated;
                    if (piece >= run.Length)
                        continue;
                    log.Append(stream, run[piece]);
                    written += run[piece].Length;
                    left++;
                }
            }
        }
        log.Complete();
    }
}
