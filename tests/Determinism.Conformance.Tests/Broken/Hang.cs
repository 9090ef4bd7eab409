namespace Determinism.Conformance.Tests;

/// <summary>Calls that do not return: longer than a fact with little patience looks on, and not for ever.</summary>
internal static class Hang
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(4);

    public static void While(Func<bool> condition) => SpinWait.SpinUntil(() => !condition(), Length);

    public static void Long() => Thread.Sleep(Length);
}
