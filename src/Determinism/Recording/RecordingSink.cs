using Determinism.Ownership;

namespace Determinism.Recording;

/// <summary>Carries out the tracker's decisions on the machine, and records them.</summary>
internal readonly struct RecordingSink(RecordingSession session) : IRangeSink
{
    public void Apply(int agent, ulong frame, AccessRight right) => session.SetRight(agent, frame, right);

    public void Apply(int agent, ulong first, ulong count, AccessRight right) => session.SetRights(agent, first, count, right);

    public void Reduced(int agent, ulong frame, AccessRight oldRight, AccessRight newRight) =>
        session.Agents[agent].Reduced(frame, oldRight, newRight);

    public void Elevated(int agent, ulong frame, AccessRight oldRight, AccessRight newRight,
        ReadOnlySpan<OrderingConstraint> constraints) =>
        session.Agents[agent].Elevated(frame, oldRight, newRight, constraints);

    public void Kick(int agent) => session.Kick(agent);

    public void Stolen(ulong frame, int winner, int loser) => session.Stolen(frame, winner, loser);
}
