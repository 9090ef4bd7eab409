namespace Determinism;

/// <summary>A run of neighbouring frames.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many.</param>
public readonly record struct FrameRange(ulong First, ulong Count)
{
    internal bool Contains(ulong frame) => frame - First < Count;
}
