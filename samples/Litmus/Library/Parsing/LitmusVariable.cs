namespace Determinism.Litmus;

/// <summary>A variable in memory.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its size: 1, 2, 4 or 8.</param>
/// <param name="Initial">Its value before.</param>
public sealed record LitmusVariable(string Name, int Bytes, LitmusValue Initial);
