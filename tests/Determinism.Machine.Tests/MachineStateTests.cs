namespace Determinism.Machine.Tests;

/// <summary>What two states have that is different.</summary>
public class MachineStateTests
{
    // No more than it takes to have an address above two GiB: each look at all of it takes seconds.
    [Fact]
    public void The_first_byte_that_differs_is_named_and_zeros_are_zeros_touched_or_not()
    {
        const ulong Place = (2UL << 30) + 0x123456;
        using GuestMachine machine = NewMachine((2UL << 30) + (16UL << 20));
        MachineState before = MachineState.Capture(machine);
        machine.Processors.Memory.Slice(Place, 1)[0] = 5;
        MachineState after = MachineState.Capture(machine);
        Assert.Equal($"memory differs from byte 0x{Place:X} on", before.FindDifference(after));
        Assert.Equal($"memory differs from byte 0x{Place:X} on", after.FindDifference(before));
        machine.Processors.Memory.Slice(Place, 1)[0] = 0;
        Assert.Null(before.FindDifference(MachineState.Capture(machine)));
    }

    [Fact]
    public void Machines_that_are_alike_differ_when_a_register_does()
    {
        using GuestMachine left = NewMachine(16UL << 20);
        using GuestMachine right = NewMachine(16UL << 20);
        MachineState state = MachineState.Capture(left);
        Assert.Null(state.FindDifference(MachineState.Capture(right)));
        right.Processors.Registers(0).Gpr[3] = 1;
        Assert.Equal("the registers of vCPU 0 differ", state.FindDifference(MachineState.Capture(right)));
    }

    private static GuestMachine NewMachine(ulong bytes) => MachineRunner.NewMachine(
        MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions) with { MemoryBytes = bytes });
}
