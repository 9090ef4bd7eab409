using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>Events as they stand in a log, made once.</summary>
internal static class Payload
{
    public const int Bytes = 16;

    /// <summary>What each input brings.</summary>
    public static byte[] Content { get; } = new byte[12];

    /// <summary>An input of twelve bytes, one count after the event before.</summary>
    public static StreamEvent Input(ulong number) => new()
    {
        Kind = EventKind.Input, Place = PlaceKind.Count, Position = number, HasBytes = true,
    };

    /// <summary>It as it is encoded: the same 16 bytes, whichever number it has.</summary>
    public static byte[] SixteenBytes()
    {
        var buffer = new byte[128];
        new EventEncoder(1).TryWrite(buffer, Input(1), default, Content, out int written);
        return written == Bytes ? buffer[..written] : throw new InvalidOperationException($"{written} bytes.");
    }
}
