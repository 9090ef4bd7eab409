namespace Determinism;

/// <summary>Gets bytes from outside the machine; called while recording only.</summary>
/// <param name="destination">Where to.</param>
/// <returns>The number of bytes that there were.</returns>
public delegate int InputSource(Span<byte> destination);
