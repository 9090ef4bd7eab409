namespace Determinism.Machine.Tests;

/// <summary>States of machines with much memory, of which little is touched.</summary>
public class MachineStateTests
{
    [Fact]
    public void The_first_byte_that_differs_is_named_and_zeros_are_zeros_touched_or_not()
    {
        MachineConfiguration configuration = MachineRunner.Configure("hello", 1, ClockKind.RetiredInstructions)
            with { MemoryBytes = 3UL << 30 };
        const ulong Place = (2UL << 30) + 0x123456;
        using GuestMachine left = MachineRunner.NewMachine(configuration);
        using GuestMachine right = MachineRunner.NewMachine(configuration);
        MachineState before = MachineState.Capture(left);
        Assert.Null(before.FindDifference(MachineState.Capture(right)));

        left.Processors.Memory.Slice(Place, 1)[0] = 5;
        MachineState after = MachineState.Capture(left);
        Assert.Equal($"memory differs from byte 0x{Place:X} on", before.FindDifference(after));
        Assert.Equal($"memory differs from byte 0x{Place:X} on", after.FindDifference(before));
        left.Processors.Memory.Slice(Place, 1)[0] = 0;
        Assert.Null(before.FindDifference(MachineState.Capture(left)));
        left.Processors.Registers(0).Gpr[3] = 1;
        Assert.Equal("the registers of vCPU 0 differ", before.FindDifference(MachineState.Capture(left)));
    }
}
