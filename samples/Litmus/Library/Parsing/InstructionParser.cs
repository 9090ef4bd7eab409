namespace Determinism.Litmus;

/// <summary>Reads one instruction.</summary>
/// <param name="isAtt">Whether sources come first, as AT&amp;T has it.</param>
/// <param name="bytesOf">The size of a variable; 0 if none is told.</param>
internal sealed class InstructionParser(bool isAtt, Func<string, int> bytesOf)
{
    private const int DefaultBytes = 4;

    private readonly OperandParser _operands = new(isAtt);

    /// <summary>Reads an instruction.</summary>
    /// <param name="text">Its text, without labels.</param>
    public LitmusInstruction Parse(string text)
    {
        string rest = text.Trim();
        bool isLocked = TryTakeLock(ref rest);
        int space = rest.AsSpan().IndexOfAny(' ', '\t');
        string name = space < 0 ? rest : rest[..space];
        if (!Mnemonic.TryFind(name, out Mnemonic mnemonic))
            throw new LitmusFormatException($"the instruction '{text.Trim()}' is not supported");
        string[] parts = space < 0 ? [] : Split(rest[space..]);
        LitmusInstruction instruction = mnemonic.Operation is Operation.Jmp or Operation.Jcc
            ? Jump(mnemonic, parts, text) : Combine(mnemonic, parts, text);
        return isLocked ? Lock(instruction) : instruction;
    }

    private static bool TryTakeLock(ref string text)
    {
        const string Prefix = "lock";
        if (!text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || text.Length == Prefix.Length
            || !char.IsWhiteSpace(text[Prefix.Length]))
            return false;
        text = text[Prefix.Length..].TrimStart();
        return true;
    }

    private static LitmusInstruction Jump(Mnemonic mnemonic, string[] parts, string text)
    {
        if (parts.Length != 1 || parts[0].Any(static c => !(char.IsAsciiLetterOrDigit(c) || c is '_' or '.')))
            throw Refuse(text);
        return new LitmusInstruction(mnemonic.Operation, 0, [new LabelOperand(parts[0])], text.Trim())
        {
            Condition = mnemonic.Condition,
        };
    }

    private LitmusInstruction Combine(Mnemonic mnemonic, string[] parts, string text)
    {
        var operands = new List<Operand>();
        var sizes = new List<int>();
        foreach (string part in isAtt ? parts.Reverse() : parts)
        {
            operands.Add(_operands.Parse(part, out int bytes));
            sizes.Add(bytes);
        }
        if (mnemonic.Operation is Operation.Shl or Operation.Shr or Operation.Sar && operands.Count == 1)
            operands.Add(new ImmediateOperand(1, null));
        if (operands.Count != CountOf(mnemonic.Operation))
            throw Refuse(text);
        Order(mnemonic.Operation, operands, sizes);

        bool isExtension = mnemonic.Operation is Operation.Movzx or Operation.Movsx;
        int size = mnemonic.Bytes != 0 ? mnemonic.Bytes : isExtension ? sizes[0] : SizeOf(operands, sizes);
        int source = isExtension ? mnemonic.SourceBytes != 0 ? mnemonic.SourceBytes : SizeOf(operands[1..], sizes[1..]) : 0;
        var instruction = new LitmusInstruction(mnemonic.Operation, size, operands, text.Trim())
        {
            Condition = mnemonic.Condition, SourceBytes = source,
        };
        Check(instruction, sizes);
        return instruction;
    }

    // Where the order does not matter, memory comes first.
    private static void Order(Operation operation, List<Operand> operands, List<int> sizes)
    {
        if (operation is Operation.Xchg or Operation.Test && operands[1] is AddressOperand)
        {
            operands.Reverse();
            sizes.Reverse();
        }
    }

    private int SizeOf(List<Operand> operands, List<int> sizes)
    {
        int stated = sizes.Find(static size => size != 0);
        if (stated != 0 || operands.Count == 0)
            return stated;
        string? symbol = operands.OfType<AddressOperand>().FirstOrDefault()?.Symbol;
        int declared = symbol is null ? 0 : bytesOf(symbol);
        return declared == 0 ? DefaultBytes : declared;
    }

    private static void Check(LitmusInstruction instruction, List<int> sizes)
    {
        for (int operand = 0; operand < sizes.Count; operand++)
        {
            int expected = operand == 1 && instruction.SourceBytes != 0 ? instruction.SourceBytes : instruction.Bytes;
            if (sizes[operand] != 0 && sizes[operand] != expected)
                throw Refuse(instruction.Text);
        }
        bool isRegisterDestination =
            instruction.Operation is Operation.Movzx or Operation.Movsx or Operation.Lea or Operation.Cmovcc;
        if ((isRegisterDestination && instruction.Operands[0] is not RegisterOperand)
            || (instruction.Operation == Operation.Lea && instruction.Operands[1] is not AddressOperand)
            || (instruction.SourceBytes != 0 && instruction.SourceBytes >= instruction.Bytes)
            || (instruction.Operands.Count > 0 && instruction.Operands[0] is ImmediateOperand)
            || instruction.Operands.OfType<AddressOperand>().Count() > 1)
            throw Refuse(instruction.Text);
    }

    private static LitmusInstruction Lock(LitmusInstruction instruction)
    {
        bool mayBeLocked = instruction.ReadsMemory && instruction.WritesMemory
            && instruction.Operation is not (Operation.Shl or Operation.Shr or Operation.Sar);
        return mayBeLocked ? instruction with { IsLocked = true, Text = "lock " + instruction.Text }
            : throw new LitmusFormatException($"'{instruction.Text}' takes no LOCK prefix");
    }

    private static int CountOf(Operation operation) => operation switch
    {
        Operation.Mfence or Operation.Lfence or Operation.Sfence or Operation.Nop or Operation.Pause => 0,
        Operation.Inc or Operation.Dec or Operation.Neg or Operation.Not or Operation.Setcc => 1,
        _ => 2,
    };

    /// <summary>Splits operands at the commas outside of parentheses.</summary>
    private static string[] Split(string text)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] is '(' or '[')
                depth++;
            else if (text[at] is ')' or ']')
                depth--;
            else if (text[at] == ',' && depth == 0)
            {
                parts.Add(text[start..at].Trim());
                start = at + 1;
            }
        }
        if (parts.Count > 0 || text.AsSpan().Trim().Length > 0)
            parts.Add(text[start..].Trim());
        return [.. parts];
    }

    private static LitmusFormatException Refuse(string text) => new($"the instruction '{text.Trim()}' is not supported");
}
