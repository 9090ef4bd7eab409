using Determinism.Checkpoints;

namespace Determinism;

/// <content>What a checkpoint keeps of an agent that stands still.</content>
public abstract partial class AgentSession
{
    /// <summary>Whether the agent has come to its end; from the start, if it had where the session begins: then
    /// <see cref="End"/> is all that is left to call.</summary>
    public bool HasEnded { get; private protected set; }

    /// <summary>Where the agent stands, for the session after this one. While all stand.</summary>
    private protected AgentCheckpoint TakeStand() => new(StandsAt, ReadProgress(CaptureState()), [], []);

    private protected AgentPosition StandsAt => new(CompletedEvents, Place, Position);

    private protected AgentProgress ReadProgress(ulong stateDigest) => new(LastExit, ExitCount, Point, Digest.Value,
        _mixedPlace, _mixedPosition, stateDigest, HasEnded);

    /// <summary>Goes on from where another session's agent stood.</summary>
    /// <exception cref="LogDamagedException">The machine does not stand there.</exception>
    private protected void Resume(AgentCheckpoint from)
    {
        AgentProgress progress = from.Progress;
        (LastExit, ExitCount, HasEnded) = (progress.LastExit, progress.ExitCount, progress.HasEnded);
        Digest = new Sessions.RunningDigest(progress.Digest);
        (_mixedPlace, _mixedPosition) = (progress.MixedPlace, progress.MixedPosition);
        Point = progress.Point;
        // Its instruction may be another since: it was started, or sent to a handler.
        if (IsVcpu && Backend.ReadPoint(Id).Count != Point.Count)
            throw new LogDamagedException($"vCPU {Id} should stand at {Point}; what the checkpoint restored stands at {Backend.ReadPoint(Id)}.");
        if (CaptureState() != progress.StateDigest)
            throw new LogDamagedException($"The registers of vCPU {Id} are not those that it had at the checkpoint.");
        SetPlace();
        if (Place != from.Position.Place || Position != from.Position.Position)
            throw new LogDamagedException($"In the checkpoint, agent {Id} stands at {from.Position}, and elsewhere by its exits.");
    }
}
