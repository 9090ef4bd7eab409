using System.Globalization;

namespace Determinism.Log;

/// <summary>Events as text, for reports and tools.</summary>
public static class EventText
{
    /// <summary>One event on one line.</summary>
    /// <param name="one">The event.</param>
    public static string Describe(in StreamEvent one)
    {
        string place = one.Place == PlaceKind.Exit ? "exit" : "count";
        string what = one.Kind switch
        {
            EventKind.Elevation => Format("frame 0x{0:X} raised to {1}", one.Frame, one.NewRight),
            EventKind.Reduction => Format("frame 0x{0:X} reduced to {1}", one.Frame, one.NewRight),
            EventKind.Input when one.HasBytes => Format("input {0} of bytes", one.Code, null),
            EventKind.Input => Format("input {0} = 0x{1:X}", one.Code, one.Value),
            EventKind.Asynchronous => Format("asynchronous 0x{0:X}", one.Value, null),
            EventKind.Digest => Format("digest 0x{0:X16}", one.Value, null),
            EventKind.End => "end",
            _ => "nothing",
        };
        return Format("{0} at " + place + " {1}", what, one.Position);
    }

    private static string Format(string format, object? first, object? second) =>
        string.Format(CultureInfo.InvariantCulture, format, first, second);
}
