using Determinism.Checkpoints;

namespace Determinism.Log;

/// <summary>Positions of all agents, as blocks of a log have them.</summary>
internal static class CutContent
{
    public static void Write(GrowingBuffer buffer, Cut cut)
    {
        foreach (AgentPosition one in cut.Positions)
        {
            buffer.WriteVarint(one.Events);
            buffer.WriteByte((byte)one.Place);
            buffer.WriteVarint(one.Position);
        }
    }

    /// <summary>Reads what is a cut and nothing else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, int agentCount, out Cut? cut)
    {
        cut = null;
        var positions = new AgentPosition[agentCount];
        int at = 0;
        for (int agent = 0; agent < agentCount; agent++)
        {
            at = Varint.Read(content, at, out ulong events);
            if (at < 0 || at >= content.Length || content[at] > (byte)PlaceKind.Exit)
                return false;
            var place = (PlaceKind)content[at];
            at = Varint.Read(content, at + 1, out ulong position);
            if (at < 0)
                return false;
            positions[agent] = new AgentPosition(events, place, position);
        }
        if (at != content.Length)
            return false;
        cut = new Cut(positions);
        return true;
    }
}
