using System.Reflection;

namespace Determinism.Conformance.Tests;

/// <summary>Runs the facts of a specification without the test runner.</summary>
internal static class Kit
{
    public static IReadOnlyList<Type> Specifications { get; } =
    [
        .. typeof(EventLogSpecification).Assembly.GetExportedTypes().Where(
            type => type.IsAbstract && type.Name.EndsWith("Specification", StringComparison.Ordinal) && FactsOf(type).Count > 0),
    ];

    /// <summary>The names of a specification's facts, those that it inherits included.</summary>
    public static IReadOnlyList<string> FactsOf(Type specification) =>
    [
        .. specification.GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Select(method => method.Name).Order(StringComparer.Ordinal),
    ];

    /// <summary>Runs one fact on a new instance.</summary>
    public static void Run(Func<object> make, string fact)
    {
        object instance = make();
        try
        {
            instance.GetType().GetMethod(fact)!.Invoke(instance, null);
        }
        catch (TargetInvocationException failure)
        {
            throw failure.InnerException!;
        }
        finally
        {
            (instance as IDisposable)?.Dispose();
        }
    }

    /// <summary>The facts that fail.</summary>
    public static IReadOnlyList<string> FindFailures(Func<object> make) =>
        [.. FactsOf(make().GetType()).Where(fact => Record.Exception(() => Run(make, fact)) is not null)];
}
