namespace Determinism.ProcessorTests.Comparison;

/// <summary>Where things are in guest memory.</summary>
/// <remarks>
/// Each snippet has a slot of three pages: one of code and two of data. The snippet works on a window of
/// memory whose middle is the boundary of the two data pages; the registers it starts with and those it ends with lie
/// outside the window, in the same pages.
/// </remarks>
internal static class Layout
{
    public const ulong MemoryBytes = 8 << 20;
    public const ulong FirstSlot = 0x40_0000;
    public const ulong SlotBytes = 0x3000;
    public const int Slots = 256;

    /// <summary>Bases of FS and GS: far apart from each other and from memory, so that leaving one out shows.</summary>
    public const ulong FsBase = 0x1234_5678;
    public const ulong GsBase = 0x0000_7654_3210_0008;

    public const ulong Inputs = 0x1000;
    public const ulong Outputs = 0x2800;
    public const ulong Middle = 0x2000;
    public const int WindowBytes = 512;

    /// <summary>Within inputs and outputs.</summary>
    public const ulong XmmOffset = 0x80;
    public const ulong FlagsOffset = 0x180;

    public static ulong Slot(int index) => FirstSlot + ((ulong)index * SlotBytes);

    public static int SlotOf(ulong address) => (int)((address - FirstSlot) / SlotBytes);
}
