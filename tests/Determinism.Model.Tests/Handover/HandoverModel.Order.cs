using Determinism.Model.Tests.Checking;

namespace Determinism.Model.Tests.Handover;

/// <summary>
/// Events, constraints and the ghost that checks L2 and L4. Event numbers grow without bound, so the ghost keeps
/// only what later checks can ask: which latest accesses and which latest events lie before each agent's latest
/// event. Constraints start at a latest completed event, therefore that is enough, and repeating programs stay finite.
/// </summary>
internal sealed partial class HandoverModel
{
    private const int AccessesPerAgent = FrameCount * 2;

    private static ushort AccessBit(int agent, int frame, Right kind) =>
        (ushort)(1 << ((agent * AccessesPerAgent) + (frame * 2) + (kind == Right.ReadWrite ? 1 : 0)));

    /// <summary>L2: every earlier conflicting access of another agent is ordered before this one.</summary>
    private Violation? RecordAccess(ref MachineState t, int a, int f, Right kind)
    {
        Journal?.Add(new JournalEntry(JournalKind.Access, a, f, kind));
        if (!_order)
            return null;
        Violation? violation = null;
        for (int other = 0; other < AgentCount; other++)
        {
            if (other == a)
                continue;
            int conflicting = AccessBit(other, f, Right.ReadWrite);
            if (kind == Right.ReadWrite)
                conflicting |= AccessBit(other, f, Right.Read);
            if ((t.Agents[a].Covered & conflicting) != conflicting)
                violation ??= Wrong(ViolationKind.Order, $"an access of {Name(other)} to frame {f} is not ordered before {Name(a)}'s");
        }

        // From now on this is the latest access of its kind, and no event comes after it yet.
        for (int other = 0; other < AgentCount; other++)
        {
            t.Agents[other].Covered &= (ushort)~AccessBit(a, f, kind);
            t.Agents[other].CoveredBefore &= (ushort)~AccessBit(a, f, kind);
        }

        return violation;
    }

    /// <summary>An event without sources is complete: nobody's clock contains it yet.</summary>
    private void CompleteEvent(ref MachineState t, int a, int written = 0)
    {
        Journal?.Add(new JournalEntry(JournalKind.Event, a, written, Right.None));
        if (!_order)
            return;
        if (_flaw == Flaw.ConstraintToEarlierEvent)
            t.Agents[a].CoveredBefore = t.Agents[a].Covered;
        t.Agents[a].Covered |= (ushort)(((1 << AccessesPerAgent) - 1) << (a * AccessesPerAgent));
        for (int other = 0; other < AgentCount; other++)
        {
            if (other == a)
                continue;
            t.Agents[other].TrulyKnows &= (byte)~Bit(a);
            if (_flaw != Flaw.SourceSeenBefore)
                t.Agents[other].Knows &= (byte)~Bit(a);
        }
    }

    /// <summary>An elevation with its sources, those left out that are implied by others (L4).</summary>
    private Violation? CompleteElevation(ref MachineState t, int a, int sources)
    {
        if (!_order)
            return null;
        Violation? violation = null;
        int written = 0;
        for (int s = 0; s < AgentCount; s++)
        {
            if ((sources & Bit(s)) != 0 && (_flaw == Flaw.EconomySkipped || !Implied(in t, a, s, sources)))
                written |= Bit(s);
        }

        if (_flaw == Flaw.ConstraintLost && written != 0)
        {
            CompleteEvent(ref t, a);
            t.Agents[a].Knows |= (byte)written;
            return null;
        }

        CompleteEvent(ref t, a, written);
        int knows = t.Agents[a].Knows;
        int trulyKnows = t.Agents[a].TrulyKnows;
        int covered = t.Agents[a].Covered;
        for (int s = 0; s < AgentCount; s++)
        {
            if ((written & Bit(s)) == 0)
                continue;
            if (TrulyImplied(in t, a, s, written))
                violation ??= Wrong(ViolationKind.Economy, $"the constraint from {Name(s)} is implied by the others");
            knows |= Bit(s) | t.Agents[s].Knows;
            trulyKnows |= Bit(s) | t.Agents[s].TrulyKnows;
            covered |= _flaw is Flaw.ConstraintToEarlierEvent or Flaw.ClockNewerThanEvent
                ? t.Agents[s].CoveredBefore
                : t.Agents[s].Covered;
        }

        t.Agents[a].Knows = (byte)knows;
        t.Agents[a].TrulyKnows = (byte)trulyKnows;
        t.Agents[a].Covered = (ushort)covered;
        return violation;
    }

    private bool Implied(in MachineState t, int a, int source, int sources)
    {
        int known = t.Agents[a].Knows;
        for (int s = 0; s < AgentCount; s++)
            known |= s != source && (sources & Bit(s)) != 0 ? t.Agents[s].Knows : 0;
        return (known & Bit(source)) != 0;
    }

    private bool TrulyImplied(in MachineState t, int a, int source, int written)
    {
        int known = t.Agents[a].TrulyKnows;
        for (int s = 0; s < AgentCount; s++)
            known |= s != source && (written & Bit(s)) != 0 ? t.Agents[s].TrulyKnows : 0;
        return (known & Bit(source)) != 0;
    }
}
