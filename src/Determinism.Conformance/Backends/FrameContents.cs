using System.Buffers.Binary;

namespace Determinism.Conformance;

/// <summary>What lies in the frames of a parallel run, looked at whenever a right changes: whoever wrote or read without the
/// right is seen by what is there (law L1), whatever its sums come to.</summary>
/// <remarks>
/// The first words of every frame are one vCPU's each; the others are written by whoever holds the frame. Called under the
/// tracker's lock, when the vCPU whose right changes is outside.
/// </remarks>
internal sealed class FrameContents(GuestRun run, int vcpus, ulong firstFrame, int frames, int pageShift)
{
    private const int Nobody = -1;

    private readonly Frame[] _frames =
        [.. Enumerable.Range(0, frames).Select(_ => new Frame(new ulong[(1 << pageShift) / sizeof(ulong)], vcpus))];

    private readonly List<string> _violations = [];

    /// <summary>Accesses that the rights do not allow.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>The word that vCPUs copy from, and where each copies it to: what is there came from a time at which it had a
    /// right.</summary>
    public (ulong From, Func<int, ulong> To)? Copies { get; init; }

    public void OnReduced(int vcpu, ulong frame, AccessRight left)
    {
        Look(frame);
        Frame here = _frames[frame];
        here.Writer = Nobody;
        if (left == AccessRight.None && Copies is { } copies && frame == FrameOf(copies.From))
            here.MostSeen[vcpu] = run.Read(copies.From);
    }

    public void OnElevated(int vcpu, ulong frame, AccessRight right)
    {
        Look(frame);
        LookAtCopies(vcpu, frame);
        Frame here = _frames[frame];
        here.Writer = right == AccessRight.ReadWrite ? vcpu : Nobody;
        here.MostSeen[vcpu] = null;
    }

    /// <summary>Looks at everything once more, when all have left.</summary>
    public void OnEnd()
    {
        for (ulong frame = 0; frame < (ulong)frames; frame++)
        {
            Look(frame);
            for (int vcpu = 0; vcpu < vcpus; vcpu++)
                LookAtCopies(vcpu, frame);
        }
    }

    private ulong FrameOf(ulong address) => (address >> pageShift) - firstFrame;

    /// <summary>Nothing has changed but what the holder of the frame may change.</summary>
    private void Look(ulong frame)
    {
        Frame here = _frames[frame];
        var bytes = new byte[1 << pageShift];
        run.Backend.ReadMemory((firstFrame + frame) << pageShift, bytes);
        for (int word = 0; word < here.Words.Length; word++)
        {
            ulong now = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(word * sizeof(ulong)));
            bool isTheirs = here.Writer != Nobody && (word >= vcpus || word == here.Writer);
            if (now != here.Words[word] && !isTheirs)
                Report($"Word {word} of frame {frame} went from {here.Words[word]} to {now} while "
                    + (here.Writer == Nobody ? "nobody might write." : $"vCPU {here.Writer} alone might write."));
            here.Words[word] = now;
        }
    }

    private void LookAtCopies(int vcpu, ulong frame)
    {
        if (Copies is { } copies && frame == FrameOf(copies.From) && _frames[frame].MostSeen[vcpu] is { } most
            && run.Read(copies.To(vcpu)) is var seen && seen > most)
            Report($"vCPU {vcpu} read {seen} in frame {frame}, which it lost at {most}.");
    }

    private void Report(string what) => _violations.Add(what);

    private sealed class Frame(ulong[] words, int vcpus)
    {
        /// <summary>What was there when it was looked at last.</summary>
        public ulong[] Words => words;

        /// <summary>Who may write it since then.</summary>
        public int Writer { get; set; } = Nobody;

        /// <summary>What each vCPU that has no right can have seen at most.</summary>
        public ulong?[] MostSeen { get; } = new ulong?[vcpus];
    }
}
