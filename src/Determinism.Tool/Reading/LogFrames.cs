using System.Globalization;
using Determinism.Log;

namespace Determinism.Tool.Reading;

/// <summary>Names the frames and agents of a log, as far as its header tells which is which.</summary>
internal sealed class LogFrames
{
    private readonly MachineShape? _shape;

    public LogFrames(IEventLogReader log)
    {
        if (log.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> content))
            _shape = LogHeader.FromBytes(content.Span).Shape;
    }

    /// <summary>Index of a frame that is not RAM; -1 for RAM, or if nobody knows.</summary>
    public long PseudoIndex(ulong frame) =>
        _shape is not null && frame >= _shape.RamFrameCount && frame < _shape.FrameCount
            ? (long)(frame - _shape.RamFrameCount)
            : -1;

    public string Name(ulong frame)
    {
        string number = "0x" + frame.ToString("x", CultureInfo.InvariantCulture);
        long pseudo = PseudoIndex(frame);
        return pseudo < 0 ? number : string.Create(CultureInfo.InvariantCulture, $"{number} (pseudo {pseudo})");
    }

    public string NameAgent(int agent) => _shape is null
        ? string.Create(CultureInfo.InvariantCulture, $"agent {agent}")
        : agent < _shape.VcpuCount
            ? string.Create(CultureInfo.InvariantCulture, $"vCPU {agent}")
            : string.Create(CultureInfo.InvariantCulture, $"device agent {agent}");
}
