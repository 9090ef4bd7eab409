namespace Determinism.Debugging.Tests.Support;

/// <summary>What a <see cref="ToyHistory"/> does wrong.</summary>
public enum ToyMistake
{
    None,

    /// <summary>A checkpoint does not bring a word back.</summary>
    ForgetsMemory,

    /// <summary>Some positions are missed by one.</summary>
    SeeksTooFar,

    /// <summary>Some steps do not tell what they touched.</summary>
    SkipsAccesses,
}
