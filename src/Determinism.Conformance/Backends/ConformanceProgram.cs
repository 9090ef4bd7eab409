namespace Determinism.Conformance;

/// <summary>What the vCPUs of a machine under test do: each goes through its steps some times over, then leaves with
/// <see cref="GuestExit.End"/>.</summary>
/// <remarks>Between two rounds there is a place where the clock can name a stop.</remarks>
/// <param name="Rounds">How often the steps are gone through, at least once.</param>
/// <param name="Vcpus">The steps of each vCPU.</param>
public sealed record ConformanceProgram(int Rounds, IReadOnlyList<IReadOnlyList<GuestStep>> Vcpus)
{
    /// <summary>A program of one vCPU, gone through once.</summary>
    /// <param name="steps">Its steps.</param>
    public static ConformanceProgram Of(params GuestStep[] steps) => new(1, [steps]);
}
