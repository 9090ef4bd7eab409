namespace Determinism.Ownership;

/// <summary>Which frames one agent is granted with one that it asks for, learned from what it asked for before.</summary>
/// <remarks>
/// <para>Memory is looked at in chunks of 64 frames, once for reading and once for writing. Where the agent is new, each further
/// frame that it asks for doubles the aligned block that it gets: whether it goes up or down, by strides, or here and there,
/// it soon gets whole chunks, and a chunk beside one where it got many begins with as many. When frames of a chunk have been
/// taken from it and it comes back, it gets all at once that it had there before.</para>
/// <para>Nobody can see which frames it uses. So a few are withheld each time: those that it then asks for, it needs; those
/// that it does not ask for do not come along any more, nor does what another takes back before it was asked for.
/// What is known is forgotten after a while, and learned again.</para>
/// <para>A table of fixed size, in which a newer chunk may replace an older one: then some frames are asked for one by one. By
/// the agent's thread while it runs, when it touches what nobody has; otherwise under the gate. Where the two meet, a guess may
/// be a worse one; what may come along is decided by the tracker.</para>
/// </remarks>
internal sealed class FrameStreams(int longestBlock)
{
    /// <summary>Frames of a chunk; the longest block there is.</summary>
    public const int ChunkFrames = 64;

    private const int ChunkShift = 6;
    private const int Slots = 1024;
    private const int Probes = 4;
    private const int CyclesUntilForgotten = 16;

    // Odd, so that probes meet any stride.
    private const int BetweenProbes = 13;

    private readonly Chunk[] _reading = longestBlock > 1 ? new Chunk[Slots] : [];
    private readonly Chunk[] _writing = longestBlock > 1 ? new Chunk[Slots] : [];

    /// <summary>The first frame of an asked frame's chunk.</summary>
    public static ulong FirstOf(ulong asked) => asked & ~(ChunkFrames - 1UL);

    /// <summary>The frames of its chunk that may be granted with an asked one, which is among them: bit n is the chunk's frame
    /// n.</summary>
    public ulong Expect(FrameRequest asked)
    {
        ulong bit = 1UL << (int)(asked.Frame % ChunkFrames);
        if (longestBlock <= 1)
            return bit;
        ref Chunk chunk = ref Find(asked.Frame, asked.Right);
        return chunk.IsOf(asked.Frame)
            ? bit | ((chunk.Along | Block(asked.Frame, NextLength(chunk, bit))) & ~Withheld(chunk))
            : Block(asked.Frame, LengthBeside(asked));
    }

    /// <summary>A frame was granted, and others with it.</summary>
    public void Note(FrameRequest asked, ulong granted)
    {
        if (longestBlock <= 1)
            return;
        ulong bit = 1UL << (int)(asked.Frame % ChunkFrames);
        ref Chunk chunk = ref Find(asked.Frame, asked.Right);
        if (!chunk.IsOf(asked.Frame))
        {
            chunk = new Chunk { Number = asked.Frame >> ChunkShift, Length = LengthBeside(asked), Along = granted, Proven = bit, IsUnderWay = true };
            return;
        }
        chunk.Length = NextLength(chunk, bit);
        if (!chunk.IsUnderWay)
            chunk.Withheld = Withheld(chunk);
        chunk.IsUnderWay = true;
        chunk.Along |= granted;
        chunk.Proven |= bit;
    }

    /// <summary>Whether the agent has asked for a frame itself, or is believed to need it as much.</summary>
    public bool Needs(FrameRequest one)
    {
        if (longestBlock <= 1)
            return false;
        ref Chunk chunk = ref Find(one.Frame, one.Right);
        return chunk.IsOf(one.Frame) && (chunk.Proven >> (int)(one.Frame % ChunkFrames) & 1) != 0;
    }

    /// <summary>A frame was taken away.</summary>
    public void Lose(ulong frame, AccessRight left)
    {
        if (longestBlock <= 1)
            return;
        Lose(ref Find(frame, AccessRight.ReadWrite), frame);
        if (left == AccessRight.None)
            Lose(ref Find(frame, AccessRight.Read), frame);
    }

    private static void Lose(ref Chunk chunk, ulong frame)
    {
        if (!chunk.IsOf(frame))
            return;
        ulong bit = 1UL << (int)(frame % ChunkFrames);
        chunk.Along &= ~(bit & ~chunk.Proven);
        if (!chunk.IsUnderWay)
            return;
        chunk.IsUnderWay = false;
        chunk.Length = 1;
        if (chunk.Withheld != 0)
        {
            ulong missed = chunk.Withheld & ~chunk.Proven;
            if (missed == 0)
                chunk.Proven |= chunk.Along;
            else
                chunk.Along &= missed == chunk.Withheld ? chunk.Proven : ~missed;
            chunk.Withheld = 0;
        }
        if (++chunk.Cycle % CyclesUntilForgotten == 0)
            chunk.Proven = 0;
    }

    private ref Chunk Find(ulong frame, AccessRight right) =>
        ref (right == AccessRight.ReadWrite ? _writing : _reading)[(frame >> ChunkShift) % Slots];

    private int LengthBeside(FrameRequest asked) => Math.Max(1, Math.Max(
        LengthOf(asked with { Frame = asked.Frame - ChunkFrames }), LengthOf(asked with { Frame = asked.Frame + ChunkFrames })));

    private int LengthOf(FrameRequest any)
    {
        ref Chunk chunk = ref Find(any.Frame, any.Right);
        return chunk.IsOf(any.Frame) ? chunk.Length : 0;
    }

    // Another new frame of a chunk where it is at work.
    private int NextLength(in Chunk chunk, ulong bit) =>
        chunk.IsUnderWay && (chunk.Along & bit) == 0 ? Math.Min(2 * chunk.Length, longestBlock) : chunk.Length;

    private static ulong Block(ulong asked, int length)
    {
        ulong bits = length == ChunkFrames ? ~0UL : (1UL << length) - 1;
        return bits << (int)(asked % ChunkFrames & ~((ulong)length - 1));
    }

    private static ulong Withheld(in Chunk chunk)
    {
        if (chunk.IsUnderWay)
            return chunk.Withheld & ~chunk.Proven;
        ulong probes = 0;
        for (int probe = 0; probe < Probes; probe++)
            probes |= 1UL << ((chunk.Cycle + (probe * BetweenProbes)) % ChunkFrames);
        return probes & chunk.Along & ~chunk.Proven;
    }

    private struct Chunk
    {
        public ulong Number;

        /// <summary>What comes along.</summary>
        public ulong Along;

        /// <summary>What the agent has asked for itself, or is believed to need.</summary>
        public ulong Proven;

        /// <summary>What would come along, but is being watched.</summary>
        public ulong Withheld;

        /// <summary>Length of the last block; 0: no chunk.</summary>
        public int Length;

        /// <summary>How often frames were taken from it after it had been granted some.</summary>
        public int Cycle;

        /// <summary>Whether it was granted frames since some were taken from it.</summary>
        public bool IsUnderWay;

        public readonly bool IsOf(ulong frame) => Length > 0 && Number == frame >> ChunkShift;
    }
}
