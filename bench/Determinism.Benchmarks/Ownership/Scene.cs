namespace Determinism.Benchmarks.Ownership;

/// <summary>What all trackers are asked to do alike.</summary>
internal static class Scene
{
    /// <summary>One after the other: what a single call of the benchmark itself costs is more than a hit.</summary>
    public const int Hits = 1_000;

    /// <summary>Frames of the operations on one agent's own; one in a thousand is touched before, so that the part of our
    /// table is there.</summary>
    public const int Alone = 1 << 16;

    public const int Leaf = 1 << 10;

    public const int AloneOperations = Alone - (Alone / Leaf);

    /// <summary>Frames of the operations that others take part in.</summary>
    public const int Shared = 1 << 12;

    /// <summary>Frames that every agent reads.</summary>
    public const int Crowded = 1 << 8;
}
