using System.Runtime.InteropServices;

namespace Determinism.Scheduling;

/// <summary>Makes rare interleavings frequent: stops vCPUs at random points, holds some of them back while the others
/// run, and lets frames be stolen at once.</summary>
/// <remarks>
/// Each vCPU draws from its own generator, so that one vCPU's decisions depend on the seed and on its own history alone.
/// A vCPU that is held back is parked: its frames can be taken from it between any two instructions where its clock can
/// stop it.
/// </remarks>
public sealed class ChaosScheduler : RecordingScheduler
{
    private readonly Generator[] _generators;
    private readonly ulong _longestSlice;
    private volatile bool _aborted;

    /// <summary>Creates it.</summary>
    /// <param name="seed">Decides everything that this scheduler decides.</param>
    /// <param name="vcpuCount">Number of vCPUs.</param>
    /// <param name="longestSlice">The most counts of the clock that a vCPU runs between two decisions.</param>
    public ChaosScheduler(ulong seed, int vcpuCount, ulong longestSlice = 20_000)
    {
        Guard.InRange(vcpuCount > 0, vcpuCount, nameof(vcpuCount), "At least one vCPU.");
        Guard.InRange(longestSlice > 0, longestSlice, nameof(longestSlice), "At least one count.");
        _longestSlice = longestSlice;
        _generators = new Generator[vcpuCount];
        for (int vcpu = 0; vcpu < vcpuCount; vcpu++)
            _generators[vcpu].State = (seed * 0x9E3779B97F4A7C15) + ((ulong)vcpu * 0xD1B54A32D192ED03);
    }

    /// <inheritdoc />
    public override OwnershipScope Scope => OwnershipScope.Frames;

    /// <inheritdoc />
    public override SharingPolicy Sharing => SharingPolicy.AtOnce;

    /// <inheritdoc />
    public override bool MayDelay => true;

    /// <inheritdoc />
    public override RunSlice Enter(int agent, in ExecutionPoint now, ulong stopAt)
    {
        ref Generator generator = ref _generators[agent];
        // One entry in eight waits: for the others to act on what this vCPU has just read.
        switch (generator.Next() & 0x1F)
        {
            case 0:
                if (!_aborted)
                    Thread.Sleep(1);
                break;
            case 1:
            case 2:
            case 3:
                Thread.Sleep(0);
                break;
        }
        // Short slices are as likely as long ones: a power of two first, then a length below it.
        int bits = (int)(generator.Next() % (ulong)(Log2(_longestSlice) + 1));
        ulong slice = 1 + (generator.Next() & ((1UL << bits) - 1));
        return new RunSlice(Math.Min(stopAt, now.Count + Math.Min(slice, _longestSlice)));
    }

    /// <inheritdoc />
    public override void Abort() => _aborted = true;

    private static int Log2(ulong value)
    {
        int bits = 0;
        while ((value >>= 1) != 0)
            bits++;
        return bits;
    }

    // Each on a cache line of its own: every vCPU writes its own at every entry.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Generator
    {
        [FieldOffset(64)]
        public ulong State;

        // SplitMix64: small, seeded, and good enough for choosing moments.
        public ulong Next()
        {
            ulong value = State += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
