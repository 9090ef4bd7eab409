using Determinism.X86;

namespace Determinism.Machine;

/// <content>Code that the guest makes, and what stands for instructions that tell of the host.</content>
public sealed partial class GuestMachine
{
    private readonly PublishedCode _published;

    // Pieces of published code that each vCPU has taken; its own thread's.
    private readonly int[] _taken;

    /// <summary>Makes written code executable. With an exact clock any memory is executable already.</summary>
    private bool PublishCode(AgentSession agent, ulong address, ulong bytes)
    {
        if (Configuration.Clock == ClockKind.RetiredInstructions)
            return true;
        CheckRange(agent, address, bytes);
        if (bytes == 0)
            throw Misuse(agent, "publishes no code");
        MemoryAccess frames = _published.FramesOf(address, bytes, AccessRight.ReadWrite);
        CheckFrames(agent, frames);
        IReadOnlyList<MemoryAccess> published;
        // What else is published decides whether this may be, so publications are ordered too.
        using (MemorySpan span = agent.Open([frames], CodeDevice))
        {
            if (!span.IsOpen)
                return false;
            if (_published.Touches(frames.Address, frames.Size))
                throw Misuse(agent, $"publishes frames at 0x{frames.Address:X} that are published already");
            var code = new byte[bytes];
            span.Read(address, code);
            var region = new CodeRegion(address, code);
            IReadOnlyList<CodeRefusal> refusals =
                GuestCheck.Check(Configuration.Image, Configuration.Clock, [.. _published.Regions, region]).Refusals;
            if (refusals.Count > 0)
                throw Misuse(agent, $"publishes code that is refused: {refusals[0]}");
            _published.Add(region);
            Observer?.Sent(agent.Id, CodeDevice, 0);
            published = _published.Frames;
        }
        // At once, so that the publisher itself cannot write there any more.
        return TakeCode(agent, published);
    }

    private void CheckFrames(AgentSession agent, MemoryAccess frames)
    {
        if (!GuestRange.IsAllowed(frames.Address, frames.Size, Configuration.MemoryBytes))
            throw Misuse(agent, $"publishes code at 0x{frames.Address:X}, where there must be none");
        foreach (ElfSegment segment in Configuration.Image.Segments)
        {
            if (segment.IsExecutable && frames.Address < segment.Address + segment.MemoryBytes
                && segment.Address < frames.Address + frames.Size)
                throw Misuse(agent, $"publishes frames at 0x{frames.Address:X} that hold the program's own code");
        }
    }

    /// <summary>A vCPU fetches from where it has no code: it takes what was published since it last did.</summary>
    private bool FindCode(AgentSession agent, ulong address)
    {
        IReadOnlyList<MemoryAccess> published;
        using (MemorySpan span = agent.OpenDevice(CodeDevice))
        {
            if (!span.IsOpen)
                return false;
            published = _published.Frames;
            Observer?.Received(agent.Id, CodeDevice, 0);
        }
        if (!published.Skip(_taken[agent.Id]).Any(frames => address - frames.Address < frames.Size))
            throw Misuse(agent, $"executes 0x{address:X}, which is no code that was loaded or published");
        return TakeCode(agent, published);
    }

    private bool TakeCode(AgentSession agent, IReadOnlyList<MemoryAccess> published)
    {
        using (MemorySpan span = agent.Open([.. published.Skip(_taken[agent.Id])]))
        {
            if (!span.IsOpen)
                return false;
        }
        _processors.MapCode(agent.Id, published);
        _taken[agent.Id] = published.Count;
        return true;
    }

    /// <summary>What an instruction needs that has faulted.</summary>
    private int CollectFault(AgentSession agent, in MachineExit exit, Span<MemoryAccess> accesses)
    {
        int count = _decoders[agent.Id].Collect(_processors, agent.Id, exit, accesses);
        foreach (MemoryAccess access in accesses[..count])
        {
            if (access.Right == AccessRight.ReadWrite && _published.Touches(access.Address, access.Size))
                throw Misuse(agent, $"writes published code at 0x{access.Address:X}");
        }
        return count;
    }

    private void ReadTimeStamp(AgentSession agent)
    {
        ref X86Registers registers = ref _processors.Registers(agent.Id);
        ulong stamp = _clock.Read(agent, InputCode.TimeStamp);
        registers.Gpr[GuestRegister.Rax] = (uint)stamp;
        registers.Gpr[GuestRegister.Rdx] = stamp >> 32;
    }

    /// <summary>The processor that guests are told of: baseline x86-64, the same on every host, so it needs no event.</summary>
    private void ReadProcessorIdentity(AgentSession agent)
    {
        // x87, TSC, CX8, CMOV, FXSR, SSE, SSE2; and CX16.
        const uint Features = 1 | (1 << 4) | (1 << 8) | (1 << 15) | (1 << 24) | (1 << 25) | (1 << 26), MoreFeatures = 1 << 13;
        ref X86Registers registers = ref _processors.Registers(agent.Id);
        (uint a, uint b, uint c, uint d) = (uint)registers.Gpr[GuestRegister.Rax] switch
        {
            0 => (1u, Text("Dete"), Text("ismV"), Text("rmin")),
            1 => (0u, (uint)agent.Id << 24, MoreFeatures, Features),
            _ => (0u, 0u, 0u, 0u),
        };
        registers.Gpr[GuestRegister.Rax] = a;
        registers.Gpr[GuestRegister.Rbx] = b;
        registers.Gpr[GuestRegister.Rcx] = c;
        registers.Gpr[GuestRegister.Rdx] = d;

        static uint Text(string four) => four[0] | ((uint)four[1] << 8) | ((uint)four[2] << 16) | ((uint)four[3] << 24);
    }
}
