using System.Runtime.CompilerServices;

namespace Determinism;

/// <summary>Argument checks for both targets.</summary>
internal static class Guard
{
    public static T NotNull<T>(T? value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : class => value ?? throw new ArgumentNullException(name);

    /// <summary>Generic, so that a value is boxed only to be thrown: this stands on hot paths (law L10).</summary>
    public static void InRange<T>(bool condition, T value, string name, string message)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, message);
    }

    public static void NotDisposed(bool disposed, object owner) =>
        _ = disposed ? throw new ObjectDisposedException(owner.GetType().Name) : owner;
}
