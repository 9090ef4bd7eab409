using System.IO.Pipelines;

namespace Determinism.Debugging.Tests.Support;

/// <summary>One end of a connection in memory.</summary>
internal sealed class Pipes(Pipe from, Pipe to) : Stream
{
    private readonly Stream _in = from.Reader.AsStream();
    private readonly Stream _out = to.Writer.AsStream();

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static (Stream Near, Stream Far) Connect()
    {
        // Without bound: who writes in a test does not wait for who reads.
        var options = new PipeOptions(pauseWriterThreshold: 0);
        Pipe there = new(options), back = new(options);
        return (new Pipes(back, there), new Pipes(there, back));
    }

    public override int Read(byte[] buffer, int offset, int count) => _in.Read(buffer, offset, count);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _in.ReadAsync(buffer, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => _out.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _out.WriteAsync(buffer, cancellationToken);

    public override void Flush() => _out.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => _out.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _out.Dispose();
        _in.Dispose();
        base.Dispose(disposing);
    }
}
