using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Determinism.Machine;
using Determinism.X86;

namespace Determinism.TimeTravel.Tests.Support;

/// <summary>All of a machine that stands still: registers and clocks of all vCPUs, memory, console and disk; the flags; devices
/// and what is pending.</summary>
/// <param name="Machine">Registers, clocks, memory, console, disk.</param>
/// <param name="Flags">The arithmetic flags: all of them; with the software counter those that the program will read.</param>
/// <param name="Devices">Handlers, timers, inboxes, masks, exit codes, published code, requests to the disk.</param>
internal readonly record struct StateDigest(ulong Machine, ulong Flags, ulong Devices)
{
    public static StateDigest Of(GuestMachine machine)
    {
        // First: it makes the backend fetch all registers.
        ulong all = MachineState.DigestOf(machine);
        var flags = new XxHash3();
        for (int vcpu = 0; vcpu < machine.Configuration.VcpuCount; vcpu++)
        {
            ref X86Registers registers = ref machine.Processors.Registers(vcpu);
            ulong known = machine.Configuration.Clock == ClockKind.SoftwareCounter
                ? LiveFlags.At(machine.Processors.Memory, registers.Rip)
                : ulong.MaxValue;
            flags.Append(BitConverter.GetBytes(registers.Rflags & known));
        }
        return new StateDigest(all, flags.GetCurrentHashAsUInt64(), DigestDevices(machine));
    }

    private static ulong DigestDevices(GuestMachine machine)
    {
        var buffer = new ArrayBufferWriter<byte>();
        ((ICheckpointState)machine).Save(buffer);
        ReadOnlySpan<byte> state = buffer.WrittenSpan[machine.DiskContent.Length..];
        // Version, and how many vCPUs run: one that has ended says so a little later.
        state = state[(2 * sizeof(int))..];
        var hash = new XxHash3();
        for (int vcpu = 0; vcpu < machine.Configuration.VcpuCount; vcpu++)
        {
            state = state[(Marshal.SizeOf<X86Registers>() + sizeof(ulong))..];
            hash.Append(state[..sizeof(uint)]);
            // What its thread is doing.
            state = state[(sizeof(uint) + 1)..];
            int length = (3 * sizeof(ulong)) + sizeof(int) + (4 * sizeof(ulong)) + 1;
            hash.Append(state[..length]);
            state = state[length..];
        }
        hash.Append(state);
        return hash.GetCurrentHashAsUInt64();
    }
}
