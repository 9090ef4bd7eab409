using Determinism.ProcessorTests.Generation;
using Determinism.ProcessorTests.Kvm;
using Determinism.X86;
using Iced.Intel;

namespace Determinism.ProcessorTests.Comparison;

/// <summary>Asks the real processor which pages an instruction needs, and compares that with the operand table.</summary>
/// <remarks>
/// Each instruction that stops at a forbidden page gets exactly the pages that the table names, but to read only. Then it has
/// to stop once more if the table says that it writes, and not if it does not; with the writes allowed it has to go on.
/// </remarks>
internal sealed class AccessProbe(RealProcessor processor)
{
    private const ulong PageBytes = 4096;

    private readonly InstructionReader _reader = new();
    private readonly MemoryOperands _table = new();
    private readonly SnippetEncoder _encoder = new();
    private readonly MemoryAccess[] _accesses = new MemoryAccess[MemoryOperands.MaximumAccesses + 1];
    private (ulong Rip, ulong Rcx) _last;
    private int _stops;
    private int _count;
    private string _text = "";
    private ulong _slot;

    /// <summary>Makes the table say something else, to see that it would be noticed.</summary>
    public Func<MemoryAccess, MemoryAccess?>? Disturb { get; init; }

    /// <summary>Instructions that stopped at a forbidden page.</summary>
    public int Probed { get; private set; }

    /// <summary>Runs a snippet of one unit.</summary>
    /// <returns>Null, or how processor and table disagree.</returns>
    public unsafe string? Run(Snippet snippet)
    {
        _slot = Layout.Slot(snippet.Slot);
        _stops = 0;
        var end = Layout.Slot(Layout.Slots);
        var stopping = new Snippet(snippet.Slot) { Flags = snippet.Flags };
        snippet.Gpr.CopyTo(stopping.Gpr, 0);
        snippet.Xmm.CopyTo(stopping.Xmm, 0);
        snippet.Window.CopyTo(stopping.Window, 0);
        // An exit between the code that loads registers and the unit: to take all pages away.
        stopping.Units.Add(new Unit([Instruction.Create(Code.Out_imm8_AL, 0x10, Register.AL)], 0, default, -1));
        stopping.Units.AddRange(snippet.Units);
        processor.Memory[end] = 0xE6; // out 0x10, al
        processor.Memory[end + 1] = 0x10;
        processor.Protect(_slot, Layout.SlotBytes, AccessRight.ReadWrite);
        _encoder.Write(stopping, processor.Memory, end);
        if ((processor.Run(_slot) ?? processor.Resume()) is { } failure)
            return failure;
        var slot = new Span<byte>(processor.Memory + _slot, (int)Layout.SlotBytes);
        var undisturbed = slot.ToArray();

        _encoder.Write(stopping, processor.Memory, end);
        if (processor.Run(_slot) is { } early)
            return early;
        processor.Protect(_slot, Layout.SlotBytes, AccessRight.None);
        processor.Forbidden = Grant;
        var result = processor.Resume() ?? Complaint();
        processor.Forbidden = null;
        processor.Protect(_slot, Layout.SlotBytes, AccessRight.ReadWrite);
        var same = slot.CommonPrefixLength(undisturbed);
        return result ?? (same == slot.Length ? null : $"{_text} left something else at slot offset {same:x} after it was stopped");
    }

    private unsafe string? Grant(X86Registers registers)
    {
        var here = (registers.Rip, registers.Gpr[1]);
        if (_stops > 0 && here == _last)
        {
            _stops++;
            if (_stops > 2 || !Writes())
                return $"{_text} needs more than {Accesses()}";
            Allow(AccessRight.ReadWrite);
            return null;
        }
        if (Complaint() is { } complaint)
            return complaint;
        _last = here;
        _stops = 1;
        Probed++;
        var code = new ReadOnlySpan<byte>(processor.Memory + registers.Rip, InstructionReader.MaximumLength);
        if (!_reader.TryRead(code, registers.Rip, out var instruction))
            return $"no instruction at {registers.Rip:x}";
        _text = instruction.ToString();
        _count = 0;
        Span<MemoryAccess> data = stackalloc MemoryAccess[MemoryOperands.MaximumAccesses];
        foreach (var access in data[.._table.Get(instruction, registers, data)])
        {
            if ((Disturb == null ? access : Disturb(access)) is { } kept)
                _accesses[_count++] = kept;
        }
        _accesses[_count++] = MemoryOperands.Fetch(instruction);
        processor.Protect(_slot, Layout.SlotBytes, AccessRight.None);
        Allow(AccessRight.Read);
        return null;
    }

    /// <summary>What is wrong if the processor has gone on from the last stop.</summary>
    private string? Complaint() =>
        _stops == 1 && Writes() ? $"{_text} went on without a right to write that it should need: {Accesses()}" : null;

    private bool Writes() => _accesses.Take(_count).Any(a => a.Right == AccessRight.ReadWrite);

    private string Accesses() => string.Join(", ", _accesses.Take(_count));

    private void Allow(AccessRight most)
    {
        foreach (var access in _accesses.AsSpan(0, _count))
        {
            for (var page = access.Address & ~(PageBytes - 1); page < access.Address + access.Size; page += PageBytes)
            {
                if (page < _slot || page >= _slot + Layout.SlotBytes)
                    continue;
                if (access.Right == AccessRight.ReadWrite || !IsWritten(page))
                    processor.Protect(page, PageBytes, most < access.Right ? most : access.Right);
            }
        }
    }

    private bool IsWritten(ulong page)
    {
        foreach (var access in _accesses.AsSpan(0, _count))
        {
            if (access.Right == AccessRight.ReadWrite && access.Address < page + PageBytes && access.Address + access.Size > page)
                return true;
        }
        return false;
    }
}
