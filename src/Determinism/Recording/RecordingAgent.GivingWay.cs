using Determinism.Ownership;

namespace Determinism.Recording;

/// <content>What an agent does while its guest waits for another in a loop.</content>
internal sealed partial class RecordingAgent
{
    // What may have changed without anybody asking for a frame (a clock that the guest reads) is seen so much later.
    private static readonly TimeSpan s_longestLook = TimeSpan.FromMilliseconds(0.2);

    private long _gaveWayAt;

    // Somebody woke it since it left the guest. Set by any thread, also too late; cleared by its own.
    private volatile bool _isCalled;

    // What the loop reads stays as it is until somebody wants the frame that it lies in (law L1). So the loop need not go on
    // before: the holder that is out of the guest answers at once, and replays need not go through rounds in vain.
    private protected override void OnGiveWay()
    {
        Turns? turns = IsVcpu ? _session.Turns : null;
        if (turns is not null)
            _gaveWayAt = turns.LookInVain(_gaveWayAt);
        if (!Tracker.IsWaitedFor(Id))
        {
            Thread.Yield();
            Looks.Look(new Wanted(this), s_longestLook, _session.Time);
        }
        if (turns is not null)
        {
            turns.Wait(_gaveWayAt);
            // What is yet to come in this exit is told when the vCPU goes back.
            _gaveWayAt = _exitedAt = turns.Now;
        }
        if (Tracker.IsWaitedFor(Id))
            Serve();
    }

    private readonly struct Wanted(RecordingAgent agent) : IAwaited
    {
        // Sessions that end wake their agents.
        public bool HasCome => agent.Tracker.IsWaitedFor(agent.Id) || agent._isCalled || agent._session.Still.IsWanted;
    }
}
