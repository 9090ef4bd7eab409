namespace Determinism.Model.Tests.Handover;

/// <summary>The atomic steps of the protocol, named as in the code.</summary>
internal enum Step
{
    Access,
    Retire,
    Pause,
    Discover,
    Fault,
    FastGrant,
    Raise,
    Announce,
    Park,
    Wake,
    EnterGate,
    Claim,
    Reduce,
    Release,
    Ask,
    Kick,
    Again,
    Retry,
    Elevate,
    Wait,
    Unpark,
    Look,
    Poll,
    Exit,
    Serve,
    HostExit,
    End,
}
