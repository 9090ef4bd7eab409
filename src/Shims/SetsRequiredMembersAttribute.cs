namespace System.Diagnostics.CodeAnalysis;

/// <summary>Marks constructors that set all required members; records' copy constructors have it.</summary>
[AttributeUsage(AttributeTargets.Constructor)]
internal sealed class SetsRequiredMembersAttribute : Attribute;
