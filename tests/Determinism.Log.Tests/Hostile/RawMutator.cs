namespace Determinism.Log.Tests.Hostile;

/// <summary>Hurts the bytes of a log as a disk or a person may who knows nothing of the format.</summary>
internal static class RawMutator
{
    public static SortedDictionary<string, byte[]> Apply(Mutation mutation, SourceLog source, SourceLog other, Random random)
    {
        var files = new SortedDictionary<string, byte[]>(source.Files, StringComparer.Ordinal);
        string name = files.Keys.ElementAt(random.Next(files.Count));
        files[name] = [.. files[name]];
        byte[] bytes = files[name];
        int at = random.Next(bytes.Length);
        int length = Math.Min(bytes.Length - at, random.Next(2) == 0 ? 1 + random.Next(16) : 1 + random.Next(bytes.Length));
        switch (mutation)
        {
            case Mutation.BitFlipped:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case Mutation.ByteChanged:
                for (int times = 1 + random.Next(3); times > 0; times--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                break;
            case Mutation.RangeCleared:
                bytes.AsSpan(at, length).Fill(random.Next(2) == 0 ? (byte)0 : (byte)0xFF);
                break;
            case Mutation.CutOff:
                files[name] = bytes[..at];
                break;
            case Mutation.BytesInserted:
                files[name] = [.. bytes[..at], .. bytes.AsSpan(random.Next(at + 1), Math.Min(length, 64) is var some && at >= some
                    ? Math.Min(some, at / 2) : 0), 0, .. bytes[at..]];
                break;
            case Mutation.BytesRemoved:
                files[name] = [.. bytes[..at], .. bytes[(at + length)..]];
                break;
            case Mutation.FileLost:
                files.Remove(name);
                break;
            case Mutation.Spliced:
                Splice(bytes, bytes, random);
                break;
            case Mutation.SplicedFromAnother:
                Splice(bytes, other.Files.Values.ElementAt(random.Next(other.Files.Count)), random);
                break;
            case Mutation.FilesSwapped:
                string second = files.Keys.ElementAt(random.Next(files.Count));
                (files[name], files[second]) = (files[second], files[name]);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(mutation));
        }
        return files;
    }

    // Half of them where blocks may begin.
    private static void Splice(byte[] target, byte[] source, Random random)
    {
        int mask = random.Next(2) == 0 ? ~7 : ~0;
        int from = random.Next(source.Length) & mask;
        int to = random.Next(target.Length) & mask;
        int length = random.Next(Math.Min(source.Length - from, target.Length - to));
        source.AsSpan(from, length).ToArray().CopyTo(target.AsSpan(to));
    }
}
