using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Determinism.Machine;

/// <summary>All of a machine that has stopped: every register and clock, memory, console, disk. For comparing runs.</summary>
public sealed class MachineState
{
    internal const ulong ArithmeticFlags = 0x8D5;

    private const int PageBytes = 4096;

    private readonly byte[][] _registers;
    private readonly ExecutionPoint[] _points;
    private readonly SortedList<ulong, byte[]> _pages = [];
    private readonly byte[] _console;
    private readonly byte[] _disk;

    private MachineState(GuestMachine machine)
    {
        int vcpus = machine.Configuration.VcpuCount;
        _registers = new byte[vcpus][];
        _points = new ExecutionPoint[vcpus];
        var state = new byte[machine.Processors.StateBytes];
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
        {
            _registers[vcpu] = state[..machine.Processors.CaptureState(vcpu, state)];
            _points[vcpu] = machine.Processors.ReadPoint(vcpu);
        }
        CopyPages(machine.Processors.Memory);
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

    /// <summary>Digest of the state of a machine whose run has ended.</summary>
    /// <param name="machine">The machine.</param>
    public static ulong DigestOf(GuestMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var hash = new XxHash3();
        var state = new byte[machine.Processors.StateBytes];
        for (int vcpu = 0; vcpu < machine.Configuration.VcpuCount; vcpu++)
        {
            hash.Append(state.AsSpan(0, machine.Processors.CaptureState(vcpu, state)));
            ExecutionPoint point = machine.Processors.ReadPoint(vcpu);
            hash.Append(MemoryMarshal.AsBytes<ulong>([point.Count, point.InstructionPointer]));
        }
        foreach (ulong address in FindPages(machine.Processors.Memory))
        {
            hash.Append(MemoryMarshal.AsBytes<ulong>([address]));
            hash.Append(machine.Processors.Memory.Slice(address, PageBytes));
        }
        hash.Append(machine.Console.ToArray());
        hash.Append(machine.DiskContent);
        return hash.GetCurrentHashAsUInt64();
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
            if (!_registers[vcpu].AsSpan().SequenceEqual(other._registers[vcpu]))
                return $"the registers of vCPU {vcpu} differ";
        }
        return DifferenceOfMemory(other)
            ?? Difference("the console", _console, other._console)
            ?? Difference("the disk", _disk, other._disk);
    }

    private void CopyPages(GuestMemory memory)
    {
        foreach (ulong address in FindPages(memory))
            _pages.Add(address, memory.Slice(address, PageBytes).ToArray());
    }

    /// <summary>What is not zero; looks only at what has been touched.</summary>
    private static IEnumerable<ulong> FindPages(GuestMemory memory)
    {
        foreach ((ulong start, ulong bytes) in memory.TouchedRanges())
        {
            for (ulong address = start; address < start + bytes; address += PageBytes)
            {
                // How the VMM and a vCPU meet is no state of the guest.
                if (!GuestLayout.IsControl(address) && memory.Slice(address, PageBytes).ContainsAnyExcept((byte)0))
                    yield return address;
            }
        }
    }

    private string? DifferenceOfMemory(MachineState other)
    {
        foreach (ulong address in _pages.Keys.Union(other._pages.Keys).Order())
        {
            ReadOnlySpan<byte> left = _pages.TryGetValue(address, out byte[]? mine) ? mine : new byte[PageBytes];
            ReadOnlySpan<byte> right = other._pages.TryGetValue(address, out byte[]? theirs) ? theirs : new byte[PageBytes];
            if (!left.SequenceEqual(right))
                return Differs("memory", address + (ulong)left.CommonPrefixLength(right));
        }
        return null;
    }

    private static string? Difference(string what, byte[] left, byte[] right) =>
        left.AsSpan().SequenceEqual(right) ? null : Differs(what, (ulong)left.AsSpan().CommonPrefixLength(right));

    private static string Differs(string what, ulong at) => $"{what} differs from byte 0x{at:X} on";
}
