namespace Determinism.Litmus;

/// <summary>A state of the whole model: memory, and all threads.</summary>
internal sealed class ModelState
{
    public required ThreadState[] Threads { get; init; }

    /// <summary>One word a variable, by ascending address.</summary>
    public required ulong[] Memory { get; init; }

    public ModelState Clone() => new()
    {
        Threads = Array.ConvertAll(Threads, static thread => thread.Clone()), Memory = (ulong[])Memory.Clone(),
    };

    /// <summary>All of it in one piece, to tell whether it has been before.</summary>
    public ulong[] ToKey()
    {
        var key = new List<ulong>(Memory);
        foreach (ThreadState thread in Threads)
            thread.AddTo(key);
        return [.. key];
    }
}
