namespace Determinism.Ownership;

/// <summary>Something that another thread will bring about.</summary>
internal interface IAwaited
{
    /// <summary>Whether it has; what came before it is seen then.</summary>
    bool HasCome { get; }
}
