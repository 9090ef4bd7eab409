namespace Determinism.Emulation.Exploration;

/// <summary>What a vCPU is about to do.</summary>
/// <param name="Accesses">The shared accesses of its next instruction; none if that concerns nobody else.</param>
/// <param name="Starts">The vCPU that the instruction starts; -1 if it starts none.</param>
internal sealed record NextStep(MemoryAccess[] Accesses, int Starts = -1)
{
    public bool IsLocal => Accesses.Length == 0;

    /// <summary>Whether it makes no difference which of two steps of different vCPUs comes first.</summary>
    public bool IsIndependentOf(NextStep other)
    {
        foreach (MemoryAccess mine in Accesses)
        {
            foreach (MemoryAccess theirs in other.Accesses)
            {
                bool isOverlap = mine.Address < theirs.Address + theirs.Size && theirs.Address < mine.Address + mine.Size;
                if (isOverlap && (mine.Right == AccessRight.ReadWrite || theirs.Right == AccessRight.ReadWrite))
                    return false;
            }
        }
        return true;
    }

    public bool IsSame(NextStep other) => Accesses.AsSpan().SequenceEqual(other.Accesses);
}
