namespace Determinism.Conformance;

/// <summary>Decides for each call whether it is delayed, and whether it fails.</summary>
internal sealed class FlakyCalls(FlakyOptions options)
{
    private readonly SeededRandom _random = new(options.Seed);

    public void Delay()
    {
        switch (Draw(options.DelayOneIn, 3))
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
        if (Draw(options.FailOneIn, 1) == 0)
            throw new InjectedFailureException($"{call} fails because a test wants it to (seed {options.Seed}).");
    }

    /// <summary>Whether something happens that is no failure, as often as delays do.</summary>
    public bool Happens() => Draw(options.DelayOneIn, 1) == 0;

    private int Draw(int oneIn, int outcomes)
    {
        lock (_random)
            return oneIn > 0 && _random.OneIn(oneIn) ? _random.Below(outcomes) : -1;
    }
}
