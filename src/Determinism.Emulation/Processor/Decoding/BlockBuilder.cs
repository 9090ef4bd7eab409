using Determinism.X86;
using Iced.Intel;

namespace Determinism.Emulation;

/// <summary>Decodes instructions into blocks of micro-operations.</summary>
/// <remarks>
/// A block goes on over branches that may not be taken and ends at one that always is, at 64 instructions, at the end of
/// its granule (the last instruction may reach into the next), or after one instruction when it is to be single.
/// </remarks>
internal sealed unsafe partial class BlockBuilder
{
    private const int MostInstructions = 64;

    /// <summary>No instruction needs more slots, links included.</summary>
    private const int MostSlotsPerInstruction = 6;
    private const int MostSlots = (MostInstructions + 1) * MostSlotsPerInstruction;

    /// <summary>A source that is the operation's own immediate, held in <see cref="_immediate"/> until there is one.</summary>
    private const int ImmediateSource = int.MinValue;

    private readonly Processor _processor;
    private readonly CodeCache _cache;
    private readonly byte* _state;
    private readonly InstructionReader _reader = new();
    private readonly int[] _slots = new int[MostSlots];
    private MicroOp* _ops;
    private Block* _block;
    private int _slotCount;
    private int _opCount;
    private int _ordinal;
    private ushort _ripOffset;
    private bool _single;
    private bool _ended;
    private bool _counts;
    private bool _flagsAreOfSub;
    private long _immediate;

    public BlockBuilder(Processor processor, CodeCache cache)
    {
        _processor = processor;
        _cache = cache;
        _state = (byte*)cache.State;
    }

    /// <summary>Builds the block at an address and puts it into the cache.</summary>
    /// <returns>The block, or null if its first instruction cannot be fetched; then the processor's exit says why.</returns>
    public Block* Build(ulong rip, bool single)
    {
        _block = _cache.Reserve(sizeof(Block) + (MostSlots * sizeof(MicroOp)));
        var shift = _processor.GranuleShift;
        var first = rip >> shift;
        var second = ulong.MaxValue;
        if (_processor.FetchableBytes(rip).IsEmpty)
        {
            _processor.SetFetchFault(rip);
            return null;
        }

        _processor.HoldCode(first);
        var bytes = _processor.FetchableBytes(rip);
        var valid = _reader.TryRead(bytes, rip, out var instruction, out var truncated);
        if (valid && (instruction.NextIP - 1) >> shift != first)
        {
            second = first + 1;
            _processor.HoldCode(second);
            // Holding may have waited, and the bytes may have changed meanwhile.
            bytes = _processor.FetchableBytes(rip);
            valid = _reader.TryRead(bytes, rip, out instruction, out truncated);
        }

        Block* block = null;
        if (truncated)
            _processor.SetFetchFault(rip + (ulong)bytes.Length);
        else
            block = Translate(rip, single, valid, instruction, first, second);
        _processor.ReleaseCode(first);
        if (second != ulong.MaxValue)
            _processor.ReleaseCode(second);
        return block;
    }

    /// <summary>Why the instruction at an address was refused.</summary>
    public string ReasonToRefuse(ReadOnlySpan<byte> bytes, ulong rip)
    {
        if (!_reader.TryRead(bytes, rip, out var instruction))
            return "the bytes are no instruction";
        return NondeterministicInstructions.TryGetReason(instruction, out var reason)
            ? "the instruction " + reason
            : "the instruction is not implemented";
    }

    private Block* Translate(ulong rip, bool single, bool valid, Instruction instruction, ulong first, ulong second)
    {
        _ops = Block.Ops(_block);
        _single = single;
        _slotCount = _opCount = _ordinal = 0;
        _ended = _flagsAreOfSub = false;
        var shift = _processor.GranuleShift;
        var at = rip;
        while (true)
        {
            _ripOffset = (ushort)(at - rip);
            _counts = true;
            if (valid)
                Translate(ref instruction);
            else
                Refuse(at);
            at = instruction.NextIP;
            if (_counts)
                _ordinal++;
            if (_ended || single || _ordinal >= MostInstructions || at >> shift != first)
                break;
            valid = TryReadNext(at, out instruction, out var complete);
            if (!complete)
                break;
            if (valid && (instruction.NextIP - 1) >> shift != first)
            {
                // A granule has to be held before its bytes are read, which is done for a block's first instruction only.
                if (_processor.SharesCode)
                    break;
                second = first + 1;
            }
        }

        if (!_ended)
        {
            _ripOffset = (ushort)(at - rip);
            EmitJump(OpKind.FallThrough, at, at);
        }

        return Finish(rip, (int)(at - rip), single, first, second);
    }

    private bool TryReadNext(ulong at, out Instruction instruction, out bool complete)
    {
        var bytes = _processor.FetchableBytes(at);
        var valid = _reader.TryRead(bytes, at, out instruction, out var truncated);
        complete = !truncated && !bytes.IsEmpty;
        return valid;
    }

    private Block* Finish(ulong rip, int bytes, bool single, ulong first, ulong second)
    {
        var block = _block;
        block->Rip = rip;
        block->Bytes = bytes;
        block->Length = _ordinal;
        block->OpCount = _slotCount;
        block->IsSingle = single;
        block->FirstGranule = (uint)first;
        block->SecondGranule = second == ulong.MaxValue ? Block.NoGranule : (uint)second;
        for (var i = 0; i < _opCount; i++)
        {
            var op = _ops + _slots[i];
            if (IsSideExit(op->Kind))
                op->Scale = (byte)(_ordinal - op->Scale);
        }

        DropDeadFlags();
        _cache.Add(block);
        return block;
    }

    private static bool IsSideExit(OpKind kind) =>
        kind is OpKind.Poll or OpKind.Jcc or OpKind.Loop or >= OpKind.JccSub and <= OpKind.JccSubLast
            or >= OpKind.JccCmp32 and <= OpKind.JccTest64Last;

    /// <summary>Lets operations go without flags where all flags are written again before anything can see them.</summary>
    private void DropDeadFlags()
    {
        // Backwards. Flags can be seen by an operation that reads them, leaves the block or faults.
        var seen = true;
        for (var i = _opCount - 1; i >= 0; i--)
        {
            var op = _ops + _slots[i];
            if (OpKinds.IsNeutral(op->Kind) || (OpKinds.IsPair(op->Kind) && !OpKinds.SetsFlags(op->Kind)))
                continue;
            if (OpKinds.SetsFlags(op->Kind))
            {
                var always = op->Kind < OpKind.FirstShift || op->Src == ImmediateOf(op);
                if (!seen)
                    op->Kind--;
                else if (always)
                    seen = false;
            }
            else if (!seen && (op->Kind is OpKind.IncDec or OpKind.Rotate) && HasFlaglessForm(op))
            {
                continue;
            }
            else
            {
                seen = !OpKinds.IsComparison(op->Kind);
            }
        }
    }

    /// <summary>Turns an operation that writes some flags into one that writes none.</summary>
    private bool HasFlaglessForm(MicroOp* op)
    {
        if (op->Size < 4)
            return false;
        var wide = op->Size == 8;
        switch ((Mnemonic)op->Code)
        {
            case Mnemonic.Inc or Mnemonic.Dec:
                op->Kind = wide ? OpKind.Add64 : OpKind.Add32;
                return true;
            case Mnemonic.Rol:
                op->Kind = wide ? OpKind.Rol64 : OpKind.Rol32;
                return true;
            case Mnemonic.Ror:
                op->Kind = wide ? OpKind.Ror64 : OpKind.Ror32;
                return true;
            default:
                return false;
        }
    }

    private int ImmediateOf(MicroOp* op) => (int)((byte*)&op->Immediate - _state);

    private MicroOp* Emit(OpKind kind)
    {
        _slots[_opCount++] = _slotCount;
        var op = _ops + _slotCount++;
        *op = default;
        op->Kind = kind;
        op->Ordinal = (byte)_ordinal;
        op->RipOffset = _ripOffset;
        op->Base = op->Index = ProcessorState.ZeroOffset;
        if (!OpKinds.KeepsFlags(kind))
            _flagsAreOfSub = OpKinds.KeepsSubtraction(kind);
        return op;
    }

    private MicroOp* Emit(OpKind kind, int destination, int source)
    {
        var op = Emit(kind);
        op->Dst = (ushort)destination;
        if (source == ImmediateSource)
        {
            op->Immediate = _immediate;
            op->Src = ImmediateOf(op);
        }
        else
        {
            op->Src = source;
        }

        return op;
    }

    private MicroOp* Emit(OpKind kind, in Address address, int destination, int source)
    {
        var op = Emit(kind, destination, source);
        op->Base = address.Base;
        op->Index = address.Index;
        op->Scale = address.Scale;
        op->Displacement = address.Displacement;
        return op;
    }

    /// <summary>An operation that does several things of one sort: which, and at what size.</summary>
    private MicroOp* EmitCoded(OpKind kind, Mnemonic mnemonic, int size, int destination, int source)
    {
        var op = Emit(kind, destination, source);
        op->Code = (int)mnemonic;
        op->Size = size;
        return op;
    }

    private void EmitLinks(ulong taken, ulong next)
    {
        var links = (Links*)(_ops + _slotCount++);
        *links = new Links { TakenRip = taken, NextRip = next };
    }

    private void EmitJump(OpKind kind, ulong taken, ulong next)
    {
        Emit(kind);
        EmitLinks(taken, next);
        _ended = true;
    }

    private void Refuse(ulong at)
    {
        Emit(OpKind.Unsupported);
        EmitLinks(at, at);
        _ended = true;
        _counts = false;
    }
}
