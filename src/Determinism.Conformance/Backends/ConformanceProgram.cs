namespace Determinism.Conformance;

/// <summary>What the vCPUs of a machine under test do: each goes through its steps some times over, then leaves with
/// <see cref="GuestExit.End"/>.</summary>
/// <remarks>Between two rounds there is a place where the clock can name a stop.</remarks>
/// <param name="Rounds">How often the steps are gone through, at least once.</param>
/// <param name="Vcpus">The steps of each vCPU.</param>
public sealed record ConformanceProgram(int Rounds, IReadOnlyList<IReadOnlyList<GuestStep>> Vcpus)
{
    /// <summary>How often the steps are gone through, at least once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than once.</exception>
    public int Rounds { get; init => field = Check(value); } = Check(Rounds);

    /// <summary>The steps of each vCPU: 1 to 254 vCPUs, each with a step at least.</summary>
    /// <exception cref="ArgumentException">No vCPU, too many, or one without steps.</exception>
    public IReadOnlyList<IReadOnlyList<GuestStep>> Vcpus { get; init => field = Check(value); } =
        Check(Vcpus);

    /// <summary>A program of one vCPU, gone through once.</summary>
    /// <param name="steps">Its steps.</param>
    public static ConformanceProgram Of(params GuestStep[] steps) => new(1, [steps]);

    private static int Check(int rounds) => rounds >= 1
        ? rounds
        : throw new ArgumentOutOfRangeException(nameof(rounds), rounds, "A program is gone through once at least.");

    private static IReadOnlyList<IReadOnlyList<GuestStep>> Check(IReadOnlyList<IReadOnlyList<GuestStep>> vcpus)
    {
        _ = vcpus ?? throw new ArgumentNullException(nameof(vcpus));
        if (vcpus.Count is < 1 or > 254 || vcpus.Any(steps => steps is null || steps.Count == 0))
            throw new ArgumentException("Between 1 and 254 vCPUs, each with a step at least.", nameof(vcpus));
        return vcpus;
    }
}
