namespace Determinism;

/// <summary>Turns machine code into text for reports; the core itself knows no instruction set.</summary>
public interface IInstructionText
{
    /// <summary>The instruction at an address, with its bytes.</summary>
    /// <param name="code">Bytes from the address on; may hold less than one instruction.</param>
    /// <param name="address">The instruction's address.</param>
    string Describe(ReadOnlySpan<byte> code, ulong address);

    /// <summary>A vCPU's state as <see cref="IVmBackend.CaptureState"/> wrote it, for reading by people.</summary>
    /// <param name="state">The state.</param>
    string DescribeState(ReadOnlySpan<byte> state);
}
