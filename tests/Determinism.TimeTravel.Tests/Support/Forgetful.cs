using System.Buffers;
using System.Runtime.InteropServices;
using Determinism.Checkpoints;
using Determinism.Machine;
using Determinism.X86;

namespace Determinism.TimeTravel.Tests.Support;

/// <summary>Saves vCPUs without something.</summary>
internal sealed class Forgetful(ICheckpointState inner, Forgetful.Forget forget) : ICheckpointState
{
    // Behind a vCPU's registers: count, mask, phase.
    private static readonly int s_vcpuBytes = Marshal.SizeOf<X86Registers>() + 8 + 4 + 1 + 24 + 4 + 33;

    public delegate void Forget(Span<byte> vcpu);

    public static void WithOtherFlags(Span<byte> vcpu) => MemoryMarshal.AsRef<X86Registers>(vcpu).Rflags ^= 0x8D5UL;

    public static void WithoutFlags(Span<byte> vcpu)
    {
        ref X86Registers registers = ref MemoryMarshal.AsRef<X86Registers>(vcpu);
        registers.Rflags &= ~0x8D5UL;
    }

    public void Save(IBufferWriter<byte> destination)
    {
        var buffer = new ArrayBufferWriter<byte>();
        inner.Save(buffer);
        byte[] state = buffer.WrittenSpan.ToArray();
        var machine = (GuestMachine)inner;
        for (int vcpu = 0; vcpu < machine.Configuration.VcpuCount; vcpu++)
            forget(state.AsSpan(machine.DiskContent.Length + 8 + (vcpu * s_vcpuBytes), s_vcpuBytes));
        destination.Write(state);
    }

    public void Load(ReadOnlySpan<byte> state) => inner.Load(state);
}
