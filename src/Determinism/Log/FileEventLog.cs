using System.Buffers.Binary;

namespace Determinism.Log;

/// <summary>A log in one file: blocks, each with its checksum, of events and of what a replay starts from.</summary>
/// <remarks>
/// Events gather in memory, each stream by its own writer with no lock. A commit copies what all streams have published
/// into blocks, in stream order, and asks the operating system to make it durable; commits exclude each other.
/// </remarks>
public sealed class FileEventLog : IEventLog
{
    internal const int StartBytes = 16;
    private const int ChecksumAt = 12;

    internal static ReadOnlySpan<byte> Magic => "DETLOG\r\n"u8;

    private readonly StreamBuffer[] _streams;
    private readonly long[] _committed;
    private readonly FileStream _file;
    private readonly object _commit = new();
    private Exception? _failure;
    private volatile bool _completed;

    /// <summary>Creates the file; it must not exist.</summary>
    /// <param name="path">Where.</param>
    /// <param name="streamCount">Number of agents.</param>
    /// <exception cref="IOException">The file exists or cannot be made.</exception>
    public FileEventLog(string path, int streamCount)
    {
        Guard.InRange(streamCount is > 0 and <= 254, streamCount, nameof(streamCount), "Between 1 and 254 streams.");
        _streams = new StreamBuffer[streamCount];
        _committed = new long[streamCount];
        for (int stream = 0; stream < streamCount; stream++)
            _streams[stream] = new StreamBuffer();
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Span<byte> start = stackalloc byte[StartBytes];
        WriteStart(start, streamCount);
        Write(start);
    }

    /// <summary>Fills in what a file starts with: the magic, the number of streams, a checksum of the two.</summary>
    internal static void WriteStart(Span<byte> destination, int streamCount)
    {
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Magic.Length..], (uint)streamCount);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ChecksumAt..], Crc32C.Compute(destination[..ChecksumAt]));
    }

    /// <inheritdoc />
    public int StreamCount => _streams.Length;

    /// <inheritdoc />
    public LogPosition Append(int stream, ReadOnlySpan<byte> encoded)
    {
        Guard.InRange((uint)stream < (uint)_streams.Length, stream, nameof(stream), "No such stream.");
        Guard.NotDisposed(_completed, this);
        return new LogPosition(stream, _streams[stream].Append(encoded));
    }

    /// <inheritdoc />
    public void AppendBlock(BlockKind kind, ReadOnlySpan<byte> content)
    {
        if (kind is BlockKind.None or BlockKind.Events)
            throw new ArgumentException("Events go through Append.", nameof(kind));
        Guard.NotDisposed(_completed, this);
        lock (_commit)
            WriteBlock(kind, 0, content);
    }

    /// <inheritdoc />
    /// <exception cref="DeterminismException">An earlier write to the file failed.</exception>
    public void WaitForCommit(LogPosition position)
    {
        Guard.InRange((uint)position.Stream < (uint)_streams.Length, position, nameof(position), "No such stream.");
        lock (_commit)
        {
            if (_committed[position.Stream] >= position.Offset)
                return;
            CommitAll();
        }
    }

    /// <inheritdoc />
    public void Complete()
    {
        lock (_commit)
        {
            if (_completed)
                return;
            _completed = true;
            CommitAll();
            WriteBlock(BlockKind.Trailer, 0, default);
            _file.Flush(flushToDisk: true);
        }
    }

    /// <summary>Closes the file. A log that was not completed keeps all that was committed.</summary>
    public void Dispose()
    {
        _completed = true;
        _file.Dispose();
    }

    private void CommitAll()
    {
        if (_failure is not null)
            throw new DeterminismException("The log's file failed before; nothing can be made durable any more.", _failure);
        try
        {
            for (int stream = 0; stream < _streams.Length; stream++)
            {
                while (true)
                {
                    ReadOnlyMemory<byte> run = _streams[stream].Read(_committed[stream]);
                    if (run.IsEmpty)
                        break;
                    WriteBlock(BlockKind.Events, (byte)stream, run.Span);
                    _committed[stream] += run.Length;
                }
            }
            _file.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            _failure = error;
            throw new DeterminismException("The log's file cannot be written.", error);
        }
    }

    private void WriteBlock(BlockKind kind, byte stream, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[BlockHeader.Size];
        new BlockHeader(content.Length, kind, stream, Crc32C.Compute(content)).WriteTo(header);
        Write(header);
        Write(content);
    }

    private void Write(ReadOnlySpan<byte> data) => FileBytes.Write(_file, data);
}
