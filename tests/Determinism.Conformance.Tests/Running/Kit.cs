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

    /// <summary>A specification's own facts.</summary>
    public static IEnumerable<MethodInfo> DeclaredFactsOf(Type specification) => specification.GetMethods().Where(
        method => method.DeclaringType == specification && method.GetCustomAttribute<FactAttribute>() is not null);

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
}
