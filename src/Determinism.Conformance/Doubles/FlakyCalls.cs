namespace Determinism.Conformance;

/// <summary>Decides for each call whether it is delayed, and whether it fails.</summary>
internal sealed class FlakyCalls
{
    private readonly FlakyOptions _options;
    private readonly SeededRandom _random;

    /// <param name="inner">What does the work.</param>
    /// <param name="options">What happens to the calls.</param>
    public FlakyCalls(object inner, FlakyOptions options)
    {
        _ = inner ?? throw new ArgumentNullException(nameof(inner));
        _options = options ?? throw new ArgumentNullException(nameof(options));
        if (options.DelayOneIn < 0 || options.FailOneIn < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options, "One call in so many, or 0 for none.");
        _random = new SeededRandom(options.Seed);
    }

    public void Delay()
    {
        switch (Draw(_options.DelayOneIn, 3))
        {
            case 0:
                Thread.Yield();
                break;
            case 1:
                Thread.Sleep(0);
                break;
            case 2:
                Thread.Sleep(1);
                break;
        }
    }

    /// <summary>Delays the call, and perhaps fails it.</summary>
    /// <exception cref="InjectedFailureException">It fails.</exception>
    public void Hit(string call)
    {
        Delay();
        if (Draw(_options.FailOneIn, 1) == 0)
            throw new InjectedFailureException($"{call} fails because a test wants it to (seed {_options.Seed}).");
    }

    /// <summary>Whether something happens that is no failure, as often as delays do.</summary>
    public bool Happens() => Draw(_options.DelayOneIn, 1) == 0;

    private int Draw(int oneIn, int outcomes)
    {
        lock (_random)
            return oneIn > 0 && _random.OneIn(oneIn) ? _random.Below(outcomes) : -1;
    }
}
