using System.Globalization;
using System.Runtime.InteropServices;
using Determinism.X86;

namespace Determinism.Machine;

/// <summary>All of a machine that has stopped: every register and clock, memory, console, disk. For comparing runs.</summary>
public sealed class MachineState
{
    internal const ulong ArithmeticFlags = 0x8D5;

    private readonly X86Registers[] _registers;
    private readonly ExecutionPoint[] _points;
    private readonly byte[] _memory;
    private readonly byte[] _console;
    private readonly byte[] _disk;

    private MachineState(GuestMachine machine)
    {
        int vcpus = machine.Configuration.VcpuCount;
        _registers = new X86Registers[vcpus];
        _points = new ExecutionPoint[vcpus];
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
        {
            _registers[vcpu] = machine.Processors.Registers(vcpu);
            // After a poll the flags say how the count compares with the VMM's limit; they are dead there (design §7).
            if (machine.Configuration.Clock == ClockKind.SoftwareCounter)
                _registers[vcpu].Rflags &= ~ArithmeticFlags;
            _points[vcpu] = machine.Processors.ReadPoint(vcpu);
        }
        GuestMemory memory = machine.Processors.Memory;
        _memory = memory.Slice(0, checked((int)memory.Size)).ToArray();
        // How the VMM and a vCPU meet is no state of the guest.
        _memory.AsSpan((int)GuestLayout.ControlPages, (int)(GuestLayout.ControlPagesEnd - GuestLayout.ControlPages)).Clear();
        _console = machine.Console.ToArray();
        _disk = machine.DiskContent.ToArray();
    }

    /// <summary>What the guest wrote to the console.</summary>
    public string Console => System.Text.Encoding.UTF8.GetString(_console);

    /// <summary>The vCPUs' last points.</summary>
    public IReadOnlyList<ExecutionPoint> Points => _points;

    /// <summary>Copies the state of a machine whose run has ended.</summary>
    /// <param name="machine">The machine.</param>
    public static MachineState Capture(GuestMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return new MachineState(machine);
    }

    /// <summary>Says how another state differs; null if it is identical in every bit.</summary>
    /// <param name="other">The other state.</param>
    public string? FindDifference(MachineState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_registers.Length != other._registers.Length)
            return $"{_registers.Length} vCPUs against {other._registers.Length}";
        for (int vcpu = 0; vcpu < _registers.Length; vcpu++)
        {
            if (_points[vcpu] != other._points[vcpu])
                return $"vCPU {vcpu} stopped at {_points[vcpu]} against {other._points[vcpu]}";
            if (!Bytes(_registers[vcpu]).SequenceEqual(Bytes(other._registers[vcpu])))
                return $"the registers of vCPU {vcpu} differ";
        }
        return Difference("memory", _memory, other._memory)
            ?? Difference("the console", _console, other._console)
            ?? Difference("the disk", _disk, other._disk);
    }

    private static ReadOnlySpan<byte> Bytes(in X86Registers registers) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in registers, 1));

    private static string? Difference(string what, byte[] left, byte[] right)
    {
        if (left.AsSpan().SequenceEqual(right))
            return null;
        int at = left.AsSpan().CommonPrefixLength(right);
        return string.Format(CultureInfo.InvariantCulture, "{0} differs from byte 0x{1:X} on", what, at);
    }
}
