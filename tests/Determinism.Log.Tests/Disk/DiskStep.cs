namespace Determinism.Log.Tests.Disk;

internal enum DiskStepKind
{
    Create,
    Write,
    Sync,
    Rename,
    SyncNames,
    Remove,
}

/// <summary>One operation.</summary>
/// <param name="Kind">Which.</param>
/// <param name="File">On which file; none for all names.</param>
/// <param name="Name">The name that the file gets.</param>
/// <param name="Length">Bytes appended.</param>
internal readonly record struct DiskStep(DiskStepKind Kind, DiskFile? File, string Name, int Length)
{
    public string OldName { get; init; } = "";

    /// <summary>Does to names what the operation does.</summary>
    public void ApplyTo(Dictionary<string, DiskFile> names)
    {
        if (Kind is DiskStepKind.Rename or DiskStepKind.Remove && names.TryGetValue(OldName, out DiskFile? old) && old == File)
            names.Remove(OldName);
        if (Kind is DiskStepKind.Create or DiskStepKind.Rename)
            names[Name] = File!;
    }
}
