namespace Determinism.Emulation.Races;

/// <summary>What an analysis remembers of each byte of memory: the last plain write, and the other accesses since that nothing
/// orders.</summary>
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
        /// <summary>The last plain write.</summary>
        public Epoch Write;

        /// <summary>The last of the others since, reads and synchronising writes, while each came after the one before.</summary>
        public Epoch Other;

        /// <summary>The last of each agent, once two came without order.</summary>
        public Epoch[]? Others;

        /// <summary>What a reader learns from the last write, if that was a synchronising one: the writer's clocks.</summary>
        public uint[]? Released;
    }
}
