namespace Determinism.Machine;

/// <summary>vCPUs that stop between any two instructions, whatever clock the machine has.</summary>
/// <remarks>Optional, beside <see cref="IGuestProcessors"/>: for going to an instruction that no clock names.</remarks>
public interface IInstructionStops
{
    /// <summary>Makes a vCPU call back when it has retired so many more instructions, each iteration of a repeated string
    /// instruction counted. It does so in the middle of <see cref="IGuestProcessors.Run"/>, on its own thread, with all registers
    /// complete, and goes on when the call returns. While the vCPU stands; takes the place of an earlier wish.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="instructions">How many, at least one.</param>
    /// <param name="reached">What it calls.</param>
    void StopAfter(int vcpu, ulong instructions, Action reached);

    /// <summary>Withdraws the wish. While the vCPU stands.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <returns>How many instructions it had still to retire; 0 if it has called, or there was no wish.</returns>
    ulong WithdrawStop(int vcpu);
}
