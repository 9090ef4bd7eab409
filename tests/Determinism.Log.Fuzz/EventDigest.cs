namespace Determinism.Log.Fuzz;

/// <summary>Sums up everything that events say.</summary>
internal static class EventDigest
{
    public const ulong Nothing = 14695981039346656037;

    public static ulong Extend(ulong digest, EventCursor cursor)
    {
        ref readonly StreamEvent one = ref cursor.Next;
        digest = Mix(digest, (ulong)one.Kind | ((ulong)one.Place << 8) | ((ulong)one.Check << 16)
            | ((ulong)one.OldRight << 24) | ((ulong)one.NewRight << 32) | ((ulong)one.Code << 32));
        digest = Mix(Mix(Mix(digest, one.Position), one.Frame), one.Value);
        foreach (OrderingConstraint constraint in cursor.Constraints)
            digest = Mix(digest, (constraint.EventNumber << 8) + (ulong)constraint.Agent);
        foreach (byte value in cursor.Bytes)
            digest = Mix(digest, value);
        return digest;
    }

    private static ulong Mix(ulong digest, ulong value) => ((digest ^ value) * 1099511628211) ^ (digest >> 47);
}
