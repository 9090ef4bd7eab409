using Determinism.Checkpoints;
using Determinism.Sessions;

namespace Determinism.Replaying;

/// <content>Where the agent stands at cuts, and where it stood when the recording was detached.</content>
internal sealed partial class ReplayingAgent
{
    /// <summary>Whether the cut is not reached; one before the agent's next event is reached when that comes.</summary>
    private bool MayGoOn => _session.Gate.Cut?.Positions[Id] is not { } goal || _cursor.Consumed < goal.Events || goal.IsBeforeNext;

    /// <summary>Lets happen what is left at this place, up to the cut that the agent is to stand at, and stands there.</summary>
    private void ComeHere()
    {
        ConsumeRights();
        while (_session.Gate.Cut is { } cut && (IsAt(cut.Positions[Id]) || IsRightBefore(cut.Positions[Id])) && !_session.IsOver)
        {
            _session.Stand(Id, cut);
            ConsumeRights();
        }
    }

    /// <summary>The agent comes to its next event: stands before it, if the cut says so.</summary>
    private void StandBefore()
    {
        while (_session.Gate.Cut is { } cut && _cursor.Consumed >= cut.Positions[Id].Events)
        {
            if (!cut.Positions[Id].IsBeforeNext)
                throw Diverged($"the agent passes {cut.Positions[Id]}, where it was to stand");
            TellOthers();
            _session.Stand(Id, cut);
            if (_session.IsOver)
                throw new SessionOverException("The session is over.");
        }
    }

    /// <summary>Whether the agent is to stand before its next event, and has nothing to do before that.</summary>
    private bool IsRightBefore(AgentPosition position) => position.IsBeforeNext && _cursor.Consumed == position.Events
        && _cursor.MoveToNext() && IsHere(_cursor.Next);

    private bool IsAt(AgentPosition position) =>
        _cursor.Consumed == position.Events && IsNamed && Place == position.Place && Position == position.Position;

    /// <summary>Where the agent is to stand, if no event comes before that.</summary>
    private AgentPosition? Goal => _session.Gate.Cut?.Positions[Id] is { } position && _cursor.Consumed == position.Events
        ? position : null;

    /// <summary>Where the agent stood when the recording was detached, if it has yet to come there, and has nothing else to do.</summary>
    private AgentPosition? WayToEnd => _end is { } end && !HasEnded && _cursor.Consumed == end.Events && !IsAt(end) ? end : null;
}
