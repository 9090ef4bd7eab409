namespace Determinism.Tests.Scripted;

/// <summary>From which a program is made; the same one always gives the same program.</summary>
internal sealed record ProgramShape
{
    public ulong Seed { get; init; }

    public int Vcpus { get; init; } = 3;

    public int Ops { get; init; } = 30;

    public int Rounds { get; init; } = 2;

    public int PageShift { get; init; } = 12;

    public ulong MemoryBytes { get; init; } = 1 << 24;

    /// <summary>Frames that the vCPUs contend for.</summary>
    public int HotFrames { get; init; } = 3;

    /// <summary>Whether those lie next to each other.</summary>
    public bool AreNeighbours { get; init; }

    /// <summary>Frames promised to be only read.</summary>
    public int SharedFrames { get; init; }

    /// <summary>Of a hundred instructions that are accesses, those that write.</summary>
    public int WritePercent { get; init; } = 40;

    /// <summary>Whether there are inputs, outputs, messages, halts and transfers beside the accesses.</summary>
    public bool HasEvents { get; init; } = true;

    public ScriptProgram Build()
    {
        var random = new SplitMix(Seed);
        MachineShape shape = ScriptProgram.ShapeOf(Vcpus, MemoryBytes, PageShift);
        ulong[] frames = PickFrames(ref random, shape.RamFrameCount, HotFrames + SharedFrames);
        var ops = new ScriptOp[Vcpus][];
        var stacks = new ulong[Vcpus];
        for (int vcpu = 0; vcpu < Vcpus; vcpu++)
        {
            stacks[vcpu] = PickWord(ref random, frames, HotFrames);
            ops[vcpu] = new ScriptOp[Ops + 1];
            for (int index = 0; index < Ops; index++)
                ops[vcpu][index] = Pick(ref random, frames, vcpu);
            // Every cycle contains a poll.
            ops[vcpu][Ops] = new ScriptOp(OpKind.Poll);
        }
        return new ScriptProgram
        {
            Vcpus = ops,
            Shape = shape,
            Rounds = Rounds,
            Stacks = stacks,
            SharedFrames = [.. frames.Skip(HotFrames).Select(frame => new FrameRange(frame, 1))],
        };
    }

    private ulong[] PickFrames(ref SplitMix random, ulong frameCount, int count)
    {
        if (AreNeighbours && frameCount > (ulong)count)
        {
            ulong first = random.Below(frameCount - (ulong)count);
            return [.. Enumerable.Range(0, count).Select(index => first + (ulong)index)];
        }
        var frames = new HashSet<ulong>();
        while (frames.Count < count && (ulong)frames.Count < frameCount)
            frames.Add(random.Below(frameCount));
        return [.. frames];
    }

    private ulong PickWord(ref SplitMix random, ulong[] frames, int count)
    {
        ulong frame = frames[random.Below(Math.Min(count, frames.Length))];
        ulong bytes = Math.Min(1UL << PageShift, MemoryBytes - (frame << PageShift));
        // A few words a frame: to meet in them, and to miss each other in the same frame.
        ulong words = Math.Min(bytes / sizeof(ulong), 4);
        ulong stride = bytes / sizeof(ulong) / words;
        return (frame << PageShift) + (random.Below(words) * stride * sizeof(ulong));
    }

    private ScriptOp Pick(ref SplitMix random, ulong[] frames, int vcpu)
    {
        int kind = random.Below(100);
        if (HasEvents && kind < 4)
            return new ScriptOp(OpKind.Input);
        if (HasEvents && kind < 6)
            return new ScriptOp(OpKind.InputBytes);
        if (HasEvents && kind < 9)
            return new ScriptOp(OpKind.Output);
        if (HasEvents && kind < 14)
            return new ScriptOp(OpKind.Send) { Target = random.Below(Vcpus) };
        if (HasEvents && kind < 15)
            return new ScriptOp(OpKind.Wait);
        if (HasEvents && kind < 18)
            return new ScriptOp(OpKind.Transfer) { Words = PickWords(ref random, frames), Target = vcpu };
        return kind < 30
            ? new ScriptOp(OpKind.Poll)
            : new ScriptOp(OpKind.Access) { Words = PickWords(ref random, frames) };
    }

    private WordAccess[] PickWords(ref SplitMix random, ulong[] frames)
    {
        var words = new WordAccess[1 + random.Below(3)];
        for (int index = 0; index < words.Length; index++)
        {
            words[index] = SharedFrames > 0 && frames.Length > HotFrames && random.OneIn(5)
                ? new WordAccess(PickWord(ref random, frames[HotFrames..], SharedFrames), false)
                : new WordAccess(PickWord(ref random, frames, HotFrames), random.Below(100) < WritePercent);
        }
        return words;
    }
}
