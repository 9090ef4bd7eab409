using Determinism.Machine;

namespace Determinism.Litmus;

/// <summary>Where things are in the memory of a litmus guest.</summary>
/// <remarks>What one vCPU alone writes lies in pages of its own.</remarks>
internal sealed class GuestMap
{
    private const ulong Page = 4096;

    private readonly ulong _results;
    private readonly ulong _resultBytes;

    public GuestMap(LitmusTest test, GuestPlan plan)
    {
        Variables = new VariableMap(test, plan.Layout);
        Barrier = Variables.End;
        _results = Barrier + Page;
        int most = test.Threads.Select((_, thread) => RecordBytes(test, thread)).Max();
        _resultBytes = ((ulong)most * (ulong)plan.Iterations + Page - 1) & ~(Page - 1);
        DataEnd = _results + (_resultBytes * (ulong)test.Threads.Count);
        MemoryBytes = DataEnd + ((ulong)(test.Threads.Count + 1) * GuestLayout.StackBytes);
    }

    public VariableMap Variables { get; }

    /// <summary>How many threads have arrived at all barriers so far.</summary>
    public ulong Barrier { get; }

    public ulong DataEnd { get; }

    public ulong MemoryBytes { get; }

    public ulong ResultsOf(int thread) => _results + (_resultBytes * (ulong)thread);

    public ulong StackTop(int thread) => MemoryBytes - ((ulong)thread * GuestLayout.StackBytes) - 8;

    /// <summary>Bytes of a thread's record of one iteration: its registers, then all variables.</summary>
    public static int RecordBytes(LitmusTest test, int thread) =>
        sizeof(ulong) * (test.Places.Count(place => place.Thread == thread) + test.Variables.Count);
}
