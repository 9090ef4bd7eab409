using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>Events as they stand in a log, made once.</summary>
internal static class Payload
{
    public const int Bytes = 16;

    /// <summary>An input of twelve bytes, one count after the event before: 16 bytes in all, whichever number it has.</summary>
    public static byte[] SixteenBytes()
    {
        var encoder = new EventEncoder(1);
        var buffer = new byte[128];
        int written = 0;
        for (ulong number = 1; number <= 2; number++)
        {
            var one = new StreamEvent
            {
                Kind = EventKind.Input, Place = PlaceKind.Count, Position = number, Code = 1, HasBytes = true,
            };
            encoder.TryWrite(buffer, one, default, new byte[12], out written);
        }
        return written == Bytes ? buffer[..written] : throw new InvalidOperationException($"{written} bytes.");
    }
}
