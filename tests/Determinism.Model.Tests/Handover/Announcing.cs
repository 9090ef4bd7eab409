namespace Determinism.Model.Tests.Handover;

/// <summary>Whether a request takes its place in the queue before its agent parks.</summary>
internal enum Announcing
{
    /// <summary>Either way, as in the code, where it depends on what was seen of the frames: the largest state space.</summary>
    Sometimes,

    Always,
    Never,
}
