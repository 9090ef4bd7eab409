namespace Determinism.Litmus;

/// <summary>Compares words one by one.</summary>
internal sealed class WordsComparer : IEqualityComparer<ulong[]>
{
    public bool Equals(ulong[]? x, ulong[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(ulong[] obj)
    {
        var hash = new HashCode();
        foreach (ulong word in obj)
            hash.Add(word);
        return hash.ToHashCode();
    }
}
