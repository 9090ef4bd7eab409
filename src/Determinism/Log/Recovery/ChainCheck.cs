namespace Determinism.Log;

/// <summary>Follows the chain, and names the first block that is not the one that was written there.</summary>
/// <remarks>What is wrong with it shows at the block after: if that one goes on from the link that the file has, the block
/// alone was changed; if not, it is another block.</remarks>
internal sealed class ChainCheck(byte[] key, ProblemList problems) : IDisposable
{
    private readonly BlockChain _chain = new(key);
    private LogProblem? _suspect;
    private bool _isKnown = true;
    private bool _isOver;

    /// <summary>Goes on by a segment's start.</summary>
    public void PassStart(ReadOnlySpan<byte> start) => _chain.Extend(start);

    /// <summary>Goes on by a block.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="stored">Its content as it is stored.</param>
    /// <param name="link">Its link as it is stored.</param>
    /// <param name="here">Where it is; the message says what it is.</param>
    public void PassBlock(ReadOnlySpan<byte> header, ReadOnlySpan<byte> stored, ReadOnlySpan<byte> link, LogProblem here)
    {
        if (_isOver)
            return;
        bool fits = !_isKnown | _chain.Extend(header, stored).SequenceEqual(link);
        _chain.Resume(link);
        _isKnown = true;
        if (_suspect is not null)
            Report(fits
                ? "was altered: the chain breaks at it and goes on after it"
                : "is not the block that was written here: from here on blocks were removed, moved or put in from elsewhere");
        else if (!fits)
            _suspect = here;
    }

    /// <summary>Goes on behind what was dropped, from the link that the log says stood there.</summary>
    public void PassGap(ReadOnlySpan<byte> link)
    {
        Finish();
        _chain.Resume(link);
    }

    /// <summary>Goes on by a block that cannot be read.</summary>
    public void PassDamage()
    {
        _isKnown = false;
        Finish();
    }

    /// <summary>The log ends.</summary>
    public void Finish()
    {
        if (_suspect is not null)
            Report("was altered, or is not the block that was written here");
    }

    public void Dispose() => _chain.Dispose();

    private void Report(string what)
    {
        string doubt = _suspect!.Sequence == 0 ? "; or the secret is another" : "";
        problems.AddDamage(_suspect with { Message = $"The chain is broken: {_suspect.Message} {what}{doubt}." }, _suspect.Sequence);
        _suspect = null;
        _isOver = true;
    }
}
