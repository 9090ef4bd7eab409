namespace Determinism.Races.Tests.Exploration;

internal enum SmallOpKind
{
    Load,
    Store,
    Exchange,
    Add,

    /// <summary>A store that is marked as a release.</summary>
    Release,

    /// <summary>A load that is made only if the vCPU's load before found something.</summary>
    LoadIfSeen,
}

/// <summary>One shared access of a tiny program.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Word">The word that it touches.</param>
/// <param name="Value">What it stores, exchanges or adds.</param>
internal readonly record struct SmallOp(SmallOpKind Kind, int Word, int Value = 0)
{
    public bool Reads => Kind is not (SmallOpKind.Store or SmallOpKind.Release);

    public bool Writes => Kind is SmallOpKind.Store or SmallOpKind.Exchange or SmallOpKind.Add or SmallOpKind.Release;

    public bool IsPlainWrite => Kind == SmallOpKind.Store;

    public bool Synchronises => Writes && !IsPlainWrite;

    public bool ConflictsWith(SmallOp other) => Word == other.Word && (Writes || other.Writes);

    public static SmallOp R(int word) => new(SmallOpKind.Load, word);

    public static SmallOp W(int word, int value) => new(SmallOpKind.Store, word, value);

    public static SmallOp X(int word, int value) => new(SmallOpKind.Exchange, word, value);

    public static SmallOp A(int word, int value) => new(SmallOpKind.Add, word, value);

    public static SmallOp RIf(int word) => new(SmallOpKind.LoadIfSeen, word);
}
