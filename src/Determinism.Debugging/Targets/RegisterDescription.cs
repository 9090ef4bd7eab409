namespace Determinism.Debugging;

/// <summary>A register.</summary>
/// <param name="Name">Its name in the target description.</param>
/// <param name="Bytes">Its size, 1 to 64 bytes.</param>
/// <param name="IsExpedited">Whether it is told with every stop, so that the debugger need not ask.</param>
public sealed record RegisterDescription(string Name, int Bytes, bool IsExpedited = false);
