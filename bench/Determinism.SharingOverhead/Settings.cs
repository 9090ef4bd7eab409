namespace Determinism.SharingOverhead;

/// <summary>What to measure, from the command line.</summary>
internal sealed record Settings
{
    /// <summary>Guests of the project, by name.</summary>
    public required IReadOnlyList<string> Guests { get; init; }

    /// <summary>A program of the user's, instead of guests of the project.</summary>
    public string? GuestFile { get; init; }

    /// <summary>Its parameters.</summary>
    public IReadOnlyList<ulong> GuestArguments { get; init; } = [];

    public required string Backend { get; init; }

    public required ClockKind Clock { get; init; }

    public required bool IsLarge { get; init; }

    public required IReadOnlyList<int> Vcpus { get; init; }

    /// <summary>Rounds that count, at least 1.</summary>
    public required int Repeat { get; init; }

    public required IReadOnlyList<string> Policies { get; init; }

    public required int PageShift { get; init; }

    /// <summary>How long a single run may take.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>Whether vCPUs are kept on as many CPUs as there are of them.</summary>
    public required bool Pins { get; init; }

    /// <summary>JSON files of runs before, to be reported instead of measuring.</summary>
    public IReadOnlyList<string> EarlierFiles { get; init; } = [];

    public string? JsonFile { get; init; }

    public string? CsvFile { get; init; }

    public string? ChartFolder { get; init; }

    public string? ResultFolder { get; init; }

    public bool IsKvm => Backend == BackendNames.Kvm;

    public string Size => IsLarge ? "M" : "S";
}
