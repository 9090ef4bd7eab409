using Determinism.Ownership;

namespace Determinism.Recording;

/// <content>What an agent does while its guest waits for another in a loop.</content>
internal sealed partial class RecordingAgent
{
    // What changes without anybody asking for a frame (a clock that the guest reads) is seen so much later.
    private static readonly TimeSpan s_longestLook = TimeSpan.FromMilliseconds(0.2);

    private long _gaveWayAt;

    // Until it may serve again: what others want goes to them before their time has come.
    private bool _givesWay;

    // Somebody woke it since it looked last. Set by any thread, also too late; cleared by its own.
    private volatile bool _isCalled;

    // Where the loop waits for what another vCPU writes, it sees nothing new before somebody wants the frame (law L1). So it
    // need not go on before: who asks need not wait until the vCPU has left the guest, and replays have fewer rounds to go
    // through. Served is where the vCPU enters, as at any other exit: spans that follow come first in a replay, too.
    private protected override void OnGiveWay()
    {
        if (!IsVcpu)
        {
            Thread.Yield();
            return;
        }
        _givesWay = true;
        Turns? turns = _session.Turns;
        if (turns is not null)
            _gaveWayAt = turns.LookInVain(_gaveWayAt);
        if (!Tracker.IsWaitedFor(Id))
        {
            Thread.Yield();
            if (IsWorthLooking)
                Looks.Look(new Wanted(this), s_longestLook, _session.Time);
        }
        _isCalled = false;
        if (turns is null)
            return;
        turns.Wait(_gaveWayAt);
        // What is yet to come in this exit is told when the vCPU goes back.
        _gaveWayAt = _exitedAt = turns.Now;
    }

    // Others ask while this one looks, if there are any and no scheduler keeps them waiting for it; and it can serve them.
    private bool IsWorthLooking => IsNamed && _session.Shape.AgentCount > 1 && _session.Scope == OwnershipScope.Frames
        && !_session.Scheduler.MayDelay;

    private readonly struct Wanted(RecordingAgent agent) : IAwaited
    {
        // Sessions that end wake their agents.
        public bool HasCome => agent.Tracker.IsWaitedFor(agent.Id) || agent._isCalled || agent._session.Still.IsWanted;
    }
}
