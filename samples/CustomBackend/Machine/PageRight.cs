namespace CustomBackend.Machine;

/// <summary>What a CPU may do with a page.</summary>
public enum PageRight : byte
{
    Nothing,
    Read,
    Write,
}
