namespace Determinism.X86;

/// <summary>A guest's code, as it is before it runs: what <see cref="GuestCodeCheck"/> looks at.</summary>
public sealed record GuestCode
{
    /// <summary>All code that there is, in any order; regions do not overlap.</summary>
    public required IReadOnlyList<CodeRegion> Regions { get; init; }

    /// <summary>Where control certainly may come in: the program's entry and its functions. One outside of the code is
    /// refused.</summary>
    public required IReadOnlyList<ulong> Entries { get; init; }

    /// <summary>Words of the program's data that may be addresses of code. Those that lie outside of the code are
    /// ignored; addresses that instructions hold are found by the check itself.</summary>
    public IReadOnlyList<ulong> DataWords { get; init; } = [];
}
