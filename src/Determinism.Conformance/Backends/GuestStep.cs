namespace Determinism.Conformance;

/// <summary>One step of a <see cref="ConformanceProgram"/>, which a backend's author turns into guest code.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Address">The word that it writes; of a copy, the one that it reads.</param>
/// <param name="Target">Of a copy: the word that it writes.</param>
/// <param name="Value">Of a store or an addition: the value. Of work: the rounds, at least 1.</param>
/// <param name="Code">Of an exit or an input: the code.</param>
public readonly record struct GuestStep(GuestStepKind Kind, ulong Address, ulong Target, ulong Value, uint Code)
{
    /// <summary>Writes a value.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="value">The value.</param>
    public static GuestStep Store(ulong address, ulong value) => new(GuestStepKind.Store, address, 0, value, 0);

    /// <summary>Reads a word and writes it to another.</summary>
    /// <param name="from">Where from.</param>
    /// <param name="to">Where to.</param>
    public static GuestStep Copy(ulong from, ulong to) => new(GuestStepKind.Copy, from, to, 0, 0);

    /// <summary>Adds a value to a word.</summary>
    /// <param name="address">The word.</param>
    /// <param name="value">The value.</param>
    public static GuestStep Add(ulong address, ulong value) => new(GuestStepKind.Add, address, 0, value, 0);

    /// <summary>Goes through an empty loop.</summary>
    /// <param name="rounds">How often, at least once.</param>
    public static GuestStep Work(ulong rounds) => new(GuestStepKind.Work, 0, 0, rounds, 0);

    /// <summary>Leaves the guest.</summary>
    /// <param name="code">The code.</param>
    public static GuestStep Exit(uint code) => new(GuestStepKind.Exit, 0, 0, 0, code);

    /// <summary>Leaves the guest for an answer.</summary>
    /// <param name="code">The code.</param>
    /// <param name="address">Where the answer is written.</param>
    public static GuestStep Input(uint code, ulong address) => new(GuestStepKind.Input, address, 0, 0, code);
}
