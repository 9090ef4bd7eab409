using Determinism.Log;

namespace Determinism.Tool.Diffing;

/// <summary>Compares the events that two cursors are at, by what they mean.</summary>
internal static class EventFields
{
    public const string Existence = "existence";

    public static bool AreEqual(EventCursor first, EventCursor second)
    {
        ref readonly StreamEvent one = ref first.Next;
        ref readonly StreamEvent other = ref second.Next;
        return one.Kind == other.Kind && one.IsSamePlace(other) && one.Check == other.Check && one.Frame == other.Frame
            && one.OldRight == other.OldRight && one.NewRight == other.NewRight && one.Code == other.Code
            && one.Value == other.Value && one.HasBytes == other.HasBytes
            && first.Constraints.SequenceEqual(second.Constraints)
            && (!one.HasBytes || first.Bytes.SequenceEqual(second.Bytes));
    }

    public static IReadOnlyList<string> FindDifferent(EventCursor first, EventCursor second)
    {
        StreamEvent one = first.Next;
        StreamEvent other = second.Next;
        var fields = new List<string>();
        AddIf(one.Kind != other.Kind, "kind");
        AddIf(!one.IsSamePlace(other), "place");
        AddIf(one.Check != other.Check, "check");
        AddIf(one.Frame != other.Frame, "frame");
        AddIf(one.OldRight != other.OldRight || one.NewRight != other.NewRight, "right");
        AddIf(one.Code != other.Code, "code");
        AddIf(one.Value != other.Value, "value");
        AddIf(one.HasBytes != other.HasBytes || (one.HasBytes && !first.Bytes.SequenceEqual(second.Bytes)), "bytes");
        AddIf(!first.Constraints.SequenceEqual(second.Constraints), "constraints");
        return fields;

        void AddIf(bool isDifferent, string name)
        {
            if (isDifferent)
                fields.Add(name);
        }
    }
}
