namespace Determinism;

/// <summary>A right wanted on one frame.</summary>
/// <param name="Frame">The frame's number.</param>
/// <param name="Right"><see cref="AccessRight.Read"/> or <see cref="AccessRight.ReadWrite"/>.</param>
public readonly record struct FrameRequest(ulong Frame, AccessRight Right);
