namespace Determinism.Ownership;

/// <summary>A sink that makes the rights to neighbouring frames effective together, for about what one costs.</summary>
internal interface IRangeSink : IOwnershipSink
{
    /// <summary>As <see cref="IOwnershipSink.Apply"/>, for a run of frames.</summary>
    void Apply(int agent, ulong first, ulong count, AccessRight right);
}
