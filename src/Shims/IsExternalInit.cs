namespace System.Runtime.CompilerServices;

/// <summary>What the compiler marks init-only setters with.</summary>
internal static class IsExternalInit;
