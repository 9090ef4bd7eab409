namespace Determinism.Emulation.Races;

/// <summary>One access as the shadow of memory remembers it: whose, at which of its own times, from where, in one
/// word.</summary>
/// <param name="word">The word; zero for no access.</param>
internal readonly struct Epoch(ulong word) : IEquatable<Epoch>
{
    /// <summary>As many places as are told apart.</summary>
    public const int MostSites = 1 << SiteBits;

    private const int SiteBits = 24;
    private const int ClockShift = SiteBits;
    private const int AgentShift = ClockShift + 32;

    private readonly ulong _word = word;

    public Epoch(int agent, uint clock, int site)
        : this(((ulong)agent << AgentShift) | ((ulong)clock << ClockShift) | (uint)site)
    {
    }

    public bool IsNone => _word == 0;

    public int Agent => (int)(_word >> AgentShift);

    public uint Clock => (uint)(_word >> ClockShift);

    public int Site => (int)(_word & (MostSites - 1));

    public bool Equals(Epoch other) => _word == other._word;

    public override bool Equals(object? obj) => obj is Epoch other && Equals(other);

    public override int GetHashCode() => _word.GetHashCode();
}
