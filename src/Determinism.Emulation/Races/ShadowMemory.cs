namespace Determinism.Emulation.Races;

/// <summary>What an analysis remembers of each byte of memory: the last write, and the reads since that nothing orders.</summary>
/// <remarks>A page of it is made when its memory is first touched.</remarks>
internal sealed class ShadowMemory(ulong memoryBytes)
{
    private const int PageShift = 12;
    private const int PageBytes = 1 << PageShift;

    private readonly Cell[]?[] _pages = new Cell[]?[(memoryBytes + PageBytes - 1) >> PageShift];

    public ref Cell this[ulong address] =>
        ref (_pages[address >> PageShift] ??= new Cell[PageBytes])[address & (PageBytes - 1)];

    /// <summary>One byte.</summary>
    public struct Cell
    {
        /// <summary>The last write.</summary>
        public Epoch Write;

        /// <summary>The last read, while one agent alone has read since the last write, or each in order.</summary>
        public Epoch Read;

        /// <summary>The last read of each agent, once two have read without order.</summary>
        public Epoch[]? Reads;

        /// <summary>What a reader learns from the last write, if that was a synchronisation: the writer's clocks.</summary>
        public uint[]? Released;
    }
}
