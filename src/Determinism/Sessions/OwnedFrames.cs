namespace Determinism;

/// <summary>Frames that the machine promises only one agent ever touches.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Range">The frames.</param>
public readonly record struct OwnedFrames(int Agent, FrameRange Range);
