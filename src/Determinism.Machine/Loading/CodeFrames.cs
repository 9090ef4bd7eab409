namespace Determinism.Machine;

/// <summary>The frames that hold nothing but code that is never written.</summary>
/// <remarks>
/// With the software counter they are shared for good: where a poll traps depends on the VMM's limit, and the trap's own
/// code may lie in another frame, so a fault on it would not recur on replay. Exact clocks have no such trap, and guests
/// may write their code.
/// </remarks>
internal static class CodeFrames
{
    /// <summary>The frames to share; none with an exact clock.</summary>
    /// <param name="configuration">The machine.</param>
    /// <exception cref="RecordingRefusedException">Code shares a frame with data.</exception>
    public static IReadOnlyList<FrameRange> Find(MachineConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.Clock != ClockKind.SoftwareCounter)
            return [];
        var code = new List<FrameRange>();
        foreach (ElfSegment segment in configuration.Image.Segments)
        {
            if (segment.IsExecutable)
                code.Add(FramesOf(segment, configuration.PageShift));
        }
        foreach (ElfSegment segment in configuration.Image.Segments)
        {
            FrameRange data = FramesOf(segment, configuration.PageShift);
            if (segment.IsWritable && code.Exists(range => range.First < data.First + data.Count
                && data.First < range.First + range.Count))
                throw new RecordingRefusedException(
                    $"{configuration.GuestName} has code and data in one frame of {1 << configuration.PageShift} bytes; "
                    + "with the software counter code frames must be read-only.");
        }
        return code;
    }

    private static FrameRange FramesOf(ElfSegment segment, int pageShift)
    {
        ulong first = segment.Address >> pageShift;
        ulong last = (segment.Address + segment.MemoryBytes - 1) >> pageShift;
        return new FrameRange(first, last - first + 1);
    }
}
