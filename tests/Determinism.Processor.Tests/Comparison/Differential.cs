using System.Runtime.CompilerServices;
using Determinism.ProcessorTests.Generation;

namespace Determinism.ProcessorTests.Comparison;

/// <summary>Runs the same snippets on two processors and tells where the results differ.</summary>
/// <param name="expected">The one that is right.</param>
/// <param name="actual">The one to check.</param>
internal sealed unsafe class Differential(IProcessor expected, IProcessor actual)
{
    private static readonly string[] _names =
        ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"];

    private readonly SnippetEncoder _encoder = new();

    /// <summary>Called with the snippets and the second processor's memory after it has run: to plant a wrong result.</summary>
    public Action<IReadOnlyList<Snippet>, nint>? Disturb { get; init; }

    /// <summary>Snippets on which both processors raised an exception.</summary>
    public int BothFaulted { get; private set; }

    /// <summary>Runs snippets, each in a slot of its own, and compares all that they leave behind.</summary>
    /// <returns>A report on each snippet that came out differently, with the snippet.</returns>
    public List<(Snippet Snippet, string Report)> Run(IReadOnlyList<Snippet> snippets)
    {
        var end = Layout.Slot(Layout.Slots);
        var written = new List<Snippet>(snippets.Count);
        // From the last to the first: each has to know where the next one is.
        foreach (var snippet in snippets.Reverse())
        {
            _encoder.Write(snippet, expected.Memory, Next(written, written.Count));
            written.Add(snippet);
        }
        expected.Memory[end] = 0xE6; // out 0x10, al
        expected.Memory[end + 1] = 0x10;
        Unsafe.CopyBlockUnaligned(actual.Memory + Layout.FirstSlot, expected.Memory + Layout.FirstSlot,
            (uint)(end + 2 - Layout.FirstSlot));

        var faults = RunAll(expected, written, tries: 3);
        var otherFaults = RunAll(actual, written, tries: 1);
        Disturb?.Invoke(written, (nint)actual.Memory);
        var reports = new List<(Snippet, string)>();
        foreach (var snippet in written.AsEnumerable().Reverse())
        {
            var fault = faults.GetValueOrDefault(snippet);
            var otherFault = otherFaults.GetValueOrDefault(snippet);
            if (fault != null && otherFault != null)
                BothFaulted++;
            else if (fault != null || otherFault != null)
                reports.Add((snippet, $"  {expected.Name}: {fault ?? "no exception"}\n  {actual.Name}: {otherFault ?? "no exception"}\n"));
            else if (Compare(snippet) is { } difference)
                reports.Add((snippet, difference));
        }
        return reports;
    }

    // Snippets are in the order in which they were written, the last one to run first.
    private static ulong Next(List<Snippet> written, int index) =>
        Layout.Slot(index == 0 ? Layout.Slots : written[index - 1].Slot);

    /// <summary>Runs all snippets, going on behind each that raises an exception.</summary>
    /// <remarks>
    /// The real processor gets several tries: where the stack pointer is not canonical, the hypervisors of some machines
    /// turn an event of their own (a page touched for the first time, an interrupt) into an exception of the guest.
    /// </remarks>
    private Dictionary<Snippet, string> RunAll(IProcessor processor, List<Snippet> written, int tries)
    {
        var faults = new Dictionary<Snippet, string>();
        var attempt = 1;
        for (var first = written.Count - 1; first >= 0;)
        {
            if (processor.Run(Layout.Slot(written[first].Slot)) is not { } failure)
                break;
            var culprit = written.FindLastIndex(first, s => !IsDone(processor, s));
            if (culprit < 0)
                throw new InvalidOperationException($"{processor.Name}: {failure}, after all snippets");
            attempt = culprit == first ? attempt + 1 : 2;
            first = culprit;
            if (attempt <= tries)
            {
                _encoder.Write(written[culprit], processor.Memory, Next(written, culprit));
                continue;
            }
            faults[written[culprit]] = failure;
            first--;
            attempt = 1;
        }
        return faults;
    }

    // LAHF always sets bit 1, so flags that have been saved are not zero.
    private static bool IsDone(IProcessor processor, Snippet snippet) =>
        *(ushort*)(processor.Memory + Layout.Slot(snippet.Slot) + Layout.Outputs + Layout.FlagsOffset) != 0;

    private string? Compare(Snippet snippet)
    {
        var slot = Layout.Slot(snippet.Slot);
        var a = expected.Memory + slot;
        var b = actual.Memory + slot;
        var outputs = (int)Layout.Outputs;
        var undefined = FlagText.Mask(snippet.UndefinedFlags);
        var flagsA = *(ushort*)(a + outputs + (int)Layout.FlagsOffset);
        var flagsB = *(ushort*)(b + outputs + (int)Layout.FlagsOffset);
        var sameFlags = ((flagsA ^ flagsB) & ~undefined) == 0;
        var register = snippet.Units.Count == 1 ? snippet.Units[0].UndefinedRegister : -1;
        if (sameFlags && register < 0 && Same(a, b, 0, outputs + (int)Layout.FlagsOffset)
            && Same(a, b, outputs + (int)Layout.FlagsOffset + 2, (int)Layout.SlotBytes))
        {
            return null;
        }

        var text = new System.Text.StringBuilder();
        for (var i = 0; i < 16; i++)
        {
            var x = ((ulong*)(a + outputs))[i];
            var y = ((ulong*)(b + outputs))[i];
            if (x != y && i != register)
                text.Append($"  {_names[i]}: {expected.Name} {x:x16}, {actual.Name} {y:x16}\n");
            var v = ((UInt128*)(a + outputs + (int)Layout.XmmOffset))[i];
            var w = ((UInt128*)(b + outputs + (int)Layout.XmmOffset))[i];
            if (v != w)
                text.Append($"  XMM{i}: {expected.Name} {v:x32}, {actual.Name} {w:x32}\n");
        }
        if (!sameFlags)
            text.Append($"  flags: {expected.Name} {FlagText.Of(flagsA)}, {actual.Name} {FlagText.Of(flagsB)}, undefined {FlagText.Of(undefined)}\n");
        for (var i = 0; i < (int)Layout.SlotBytes; i++)
        {
            var isOutput = i >= outputs && i < outputs + (int)Layout.FlagsOffset + 2;
            if (a[i] != b[i] && !isOutput)
                text.Append($"  [{slot + (ulong)i:x}] (middle{i - (int)Layout.Middle:+0;-0}): {expected.Name} {a[i]:x2}, {actual.Name} {b[i]:x2}\n");
        }
        return text.Length == 0 ? null : text.ToString();
    }

    private static bool Same(byte* a, byte* b, int from, int to) =>
        new ReadOnlySpan<byte>(a + from, to - from).SequenceEqual(new ReadOnlySpan<byte>(b + from, to - from));
}
