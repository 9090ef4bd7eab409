namespace System.Runtime.CompilerServices;

/// <summary>Makes the compiler pass an argument's text.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class CallerArgumentExpressionAttribute(string parameterName) : Attribute
{
    public string ParameterName { get; } = parameterName;
}
