namespace Determinism.Tests.Scripted;

internal enum OpKind
{
    /// <summary>Loads and stores of words, all in one instruction.</summary>
    Access,

    /// <summary>Where the software counter can stop.</summary>
    Poll,

    /// <summary>A number from outside.</summary>
    Input,

    /// <summary>Some bytes from outside.</summary>
    InputBytes,

    /// <summary>A line on the console, which all share.</summary>
    Output,

    /// <summary>A message to another vCPU, which takes it asynchronously.</summary>
    Send,

    /// <summary>Halts until a message comes.</summary>
    Wait,

    /// <summary>Asks the device to transfer some words.</summary>
    Transfer,

    /// <summary>The program's end.</summary>
    End,
}

/// <summary>One load or store of the eight bytes at an address.</summary>
internal readonly record struct WordAccess(ulong Address, bool IsWrite)
{
    public AccessRight Right => IsWrite ? AccessRight.ReadWrite : AccessRight.Read;

    public MemoryAccess ToMemoryAccess() => new(Address, sizeof(ulong), Right);
}

/// <summary>One instruction of a synthetic vCPU.</summary>
internal sealed record ScriptOp(OpKind Kind)
{
    public WordAccess[] Words { get; init; } = [];

    public int Target { get; init; }

    public override string ToString() => Kind switch
    {
        OpKind.Access => string.Join(" ", Words.Select(word => $"{(word.IsWrite ? 'w' : 'r')}{word.Address:X}")),
        OpKind.Send => $"send {Target}",
        _ => Kind.ToString(),
    };
}
