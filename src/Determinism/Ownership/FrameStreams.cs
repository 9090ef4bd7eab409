namespace Determinism.Ownership;

/// <summary>The places where one agent goes through memory frame by frame, upwards; several at once.</summary>
/// <remarks>A small table in which a newer stream may replace an older one: then some frames are faulted in one by one. By
/// the agent's thread while it runs; under the gate while it waits there.</remarks>
internal sealed class FrameStreams(int longestRun)
{
    private const int Slots = 64;

    private readonly ulong[] _next = new ulong[Slots];
    private readonly int[] _length = new int[Slots];

    /// <summary>How many frames may come with an asked one: twice what came last time, if the frame is the next of a stream;
    /// otherwise none.</summary>
    public int Expect(ulong asked)
    {
        int slot = (int)(asked % Slots);
        return _next[slot] == asked ? Math.Min(2 * _length[slot], longestRun) : 0;
    }

    /// <summary>A run was granted.</summary>
    public void Note(ulong first, ulong count)
    {
        int slot = (int)((first + count) % Slots);
        (_next[slot], _length[slot]) = (first + count, (int)count);
    }
}
