namespace Determinism.Log.Tests.Disk;

/// <summary>Builds what a loss of power may leave of a disk.</summary>
/// <remarks>
/// What was synced is there. Of what was written since, any sectors may be lost, torn, or have other bytes, each on its own,
/// so that later writes may be there and earlier ones not; a file may have any length from what was synced to what was
/// written; each new name may be lost on its own, until names were synced.
/// </remarks>
internal static class PowerLoss
{
    public const int SectorBytes = 512;

    private static readonly double[] s_chances = [0, 0.2, 0.5, 0.9, 1];

    /// <summary>One possible state after a loss of power before the operation of a number.</summary>
    public static DiskImage At(SimulatedDisk disk, int moment, Random random)
    {
        var lengths = new Dictionary<DiskFile, (int Written, int Synced)>();
        var names = new Dictionary<string, DiskFile>(StringComparer.Ordinal);
        var unsyncedNames = new List<DiskStep>();
        for (int index = 0; index < moment; index++)
        {
            DiskStep step = disk.Steps[index];
            switch (step.Kind)
            {
                case DiskStepKind.Create:
                    lengths[step.File!] = default;
                    unsyncedNames.Add(step);
                    break;
                case DiskStepKind.Rename:
                case DiskStepKind.Remove:
                    unsyncedNames.Add(step);
                    break;
                case DiskStepKind.Write:
                    (int written, int synced) = lengths[step.File!];
                    lengths[step.File!] = (written + step.Length, synced);
                    break;
                case DiskStepKind.Sync:
                    lengths[step.File!] = (lengths[step.File!].Written, lengths[step.File!].Written);
                    break;
                case DiskStepKind.SyncNames:
                    unsyncedNames.ForEach(change => change.ApplyTo(names));
                    unsyncedNames.Clear();
                    break;
            }
        }
        double nameChance = s_chances[random.Next(s_chances.Length)];
        foreach (DiskStep change in unsyncedNames)
        {
            if (random.NextDouble() < nameChance)
                change.ApplyTo(names);
        }
        double sectorChance = s_chances[random.Next(s_chances.Length)];
        return new DiskImage(names.ToDictionary(pair => pair.Key,
            pair => Survive(pair.Value, lengths[pair.Value].Written, lengths[pair.Value].Synced, sectorChance, random)));
    }

    private static byte[] Survive(DiskFile file, int written, int synced, double chance, Random random)
    {
        int length = random.Next(2) == 0 ? written : random.Next(synced, written + 1);
        byte[] content = file.Content[..length].ToArray();
        for (int sector = synced / SectorBytes * SectorBytes; sector < length; sector += SectorBytes)
        {
            if (random.NextDouble() < chance)
                continue;
            int start = Math.Max(sector, synced);
            Span<byte> unsynced = content.AsSpan(start, Math.Min(sector + SectorBytes, length) - start);
            Lose(unsynced, file.Content[..start], random);
        }
        return content;
    }

    private static void Lose(Span<byte> unsynced, ReadOnlySpan<byte> before, Random random)
    {
        int torn = random.Next(unsynced.Length);
        switch (random.Next(5))
        {
            case 0:
                unsynced.Clear();
                break;
            case 1:
                unsynced[torn..].Clear();
                break;
            case 2:
                unsynced[..torn].Clear();
                break;
            case 3:
                random.NextBytes(unsynced);
                break;
            default:
                // The disk's blocks had another use before: the bytes may look like a log's.
                int stale = random.Next(Math.Max(1, before.Length / 8)) * 8;
                ReadOnlySpan<byte> source = before[Math.Min(stale, before.Length)..];
                source[..Math.Min(source.Length, unsynced.Length)].CopyTo(unsynced);
                break;
        }
    }
}
