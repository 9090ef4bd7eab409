namespace Determinism.ProcessorTests.Comparison;

/// <summary>One that runs guest code in a memory of its own until it says OUT.</summary>
internal unsafe interface IProcessor
{
    /// <summary>What to call it in reports.</summary>
    string Name { get; }

    /// <summary>Its memory, <see cref="Layout.MemoryBytes"/> bytes, virtual address equal to offset.</summary>
    byte* Memory { get; }

    /// <summary>Runs from an address to the next OUT.</summary>
    /// <param name="start">Where to start.</param>
    /// <returns>Null, or why the OUT was not reached.</returns>
    string? Run(ulong start);
}
