using System.Runtime.CompilerServices;

namespace Determinism;

/// <summary>Argument checks for both targets.</summary>
internal static class Guard
{
    public static T NotNull<T>(T? value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : class => value ?? throw new ArgumentNullException(name);

    public static void InRange<T>(bool condition, T value, string name, string message)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, message);
    }

    public static void NotDisposed(bool disposed, object owner) =>
        _ = disposed ? throw new ObjectDisposedException(owner.GetType().Name) : owner;
}
