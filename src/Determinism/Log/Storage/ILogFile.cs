namespace Determinism.Log;

/// <summary>One file of a log: appended to by one writer, or read.</summary>
/// <remarks>Reads are safe for concurrent use, also while another handle appends; writes and syncs come from one thread at a
/// time. Failures are <see cref="IOException"/>s.</remarks>
public interface ILogFile : IDisposable
{
    /// <summary>Bytes in the file at this moment.</summary>
    long Length { get; }

    /// <summary>Reads bytes from a place.</summary>
    /// <param name="offset">Bytes from the start of the file.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>The bytes read: at least one, or 0 at the end of the file.</returns>
    int Read(long offset, Span<byte> destination);

    /// <summary>Appends bytes; it may take fewer than it was given.</summary>
    /// <param name="data">What to append.</param>
    /// <returns>The bytes taken, at least one.</returns>
    int Write(ReadOnlySpan<byte> data);

    /// <summary>Returns when all that was written would survive a loss of power. A sync that failed tells nothing about
    /// what it covered: it must not be tried again as if it could still succeed.</summary>
    void Sync();
}
