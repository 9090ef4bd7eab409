using Determinism.Machine;

namespace Determinism.Emulation;

/// <summary>Executes a known loop and compares what the clock counts: a clock that miscounts is refused before a recording
/// starts, not when its replay fails.</summary>
internal static class ClockProbe
{
    private const ulong Rounds = 1000;
    private const ulong CodeAddress = 0x1000;

    // mov ecx, 1000; loop: inc r15; dec ecx; jnz loop; out 0x11, al.
    private static ReadOnlySpan<byte> Loop =>
        [0xB9, 0xE8, 0x03, 0x00, 0x00, 0x49, 0xFF, 0xC7, 0xFF, 0xC9, 0x75, 0xF9, 0xE6, 0x11];

    /// <summary>What is wrong with the clock; nothing if it counts right.</summary>
    public static unsafe IReadOnlyList<string> FindObstacles(MachineConfiguration configuration)
    {
        using var memory = new GuestMemory(0x2000);
        Loop.CopyTo(memory.Slice(CodeAddress, Loop.Length));
        using var processor = new Processor(memory.Start, memory.Size, configuration.PageShift);
        processor.SetAllRights(AccessRight.ReadWrite);
        processor.Registers.Rip = CodeAddress;

        // In two parts, so that stopping is probed too.
        ulong instructions = 1 + (3 * Rounds) + 1;
        ProcessorExit stopped = processor.Run(instructions / 2);
        ulong countThere = processor.Count;
        ProcessorExit ended = processor.Run(RunSlice.Unlimited);

        var obstacles = new List<string>();
        if (stopped.Reason != ProcessorExitReason.Stopped || countThere != instructions / 2)
            obstacles.Add($"The clock stopped at {countThere} instead of {instructions / 2}.");
        if (ended.Reason != ProcessorExitReason.PortOut || processor.Count != instructions)
            obstacles.Add($"The clock counted {processor.Count} instead of {instructions} instructions.");
        if (processor.Registers.Gpr[15] != Rounds)
            obstacles.Add($"The poll count is {processor.Registers.Gpr[15]} instead of {Rounds}.");
        return obstacles;
    }
}
