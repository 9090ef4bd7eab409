namespace Determinism.Checkpoints;

/// <summary>What a session knows of an agent where it stands, beside its place in the stream.</summary>
/// <param name="LastExit">How it left the guest last.</param>
/// <param name="ExitCount">Ordinal of its last synchronous exit.</param>
/// <param name="Point">Where it is.</param>
/// <param name="Digest">Its running digest.</param>
/// <param name="MixedPlace">The place whose state is in the digest; <see cref="PlaceKind.Same"/> if there is none.</param>
/// <param name="MixedPosition">Likewise.</param>
/// <param name="StateDigest">Digest of a vCPU's registers.</param>
/// <param name="HasEnded">Whether it has come to its end.</param>
internal readonly record struct AgentProgress(ExitKind LastExit, ulong ExitCount, ExecutionPoint Point, ulong Digest,
    PlaceKind MixedPlace, ulong MixedPosition, ulong StateDigest, bool HasEnded);

/// <summary>An agent in a checkpoint.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Progress">What the session knows of it.</param>
/// <param name="Clock">Of every agent, the last event that it comes after.</param>
/// <param name="Rights">What it holds beside what is promised, ascending.</param>
internal sealed record AgentCheckpoint(AgentPosition Position, AgentProgress Progress, ulong[] Clock, FrameRequest[] Rights);
