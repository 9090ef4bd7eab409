namespace Determinism.Litmus;

/// <summary>What has a final value: a register of a thread, or a variable.</summary>
/// <param name="Thread">The thread; -1 for a variable.</param>
/// <param name="Register">The register's number; 0 for a variable.</param>
/// <param name="Variable">The variable's name; null for a register.</param>
/// <param name="Bytes">How many bytes of it count.</param>
public sealed record Place(int Thread, int Register, string? Variable, int Bytes)
{
    /// <summary>Whether it is a variable.</summary>
    public bool IsVariable => Variable is not null;

    /// <summary>What counts of a value.</summary>
    /// <param name="value">The value.</param>
    public ulong Truncate(ulong value) => Bytes == 8 ? value : value & ((1UL << (8 * Bytes)) - 1);

    /// <inheritdoc />
    public override string ToString() => Variable ?? $"{Thread}:{RegisterNames.NameOf(Register, Bytes)}";
}
