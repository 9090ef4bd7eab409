using System.CommandLine;
using Determinism.Log;

namespace Determinism.Tool.Reading;

/// <summary>A log that a command reads: where it is, and by which secret.</summary>
internal sealed class LogInput
{
    public LogInput(string name = "LOG", string description = "Folder of the log.", Option<LogKeys?>? key = null)
    {
        Path = Arguments.Path(name, description);
        Key = key ?? KeyOptions.CreateKey();
    }

    public Argument<string> Path { get; }

    public Option<LogKeys?> Key { get; }

    /// <summary>Opens it.</summary>
    /// <exception cref="UsageException">It is encrypted, and no key was given.</exception>
    public FileEventLogReader Open(ParseResult parsed)
    {
        LogKeys? key = parsed.GetValue(Key);
        string path = parsed.GetValue(Path)!;
        LogVersion.Check(path);
        DemandKey(path, key);
        return new FileEventLogReader(path, new LogReadOptions { Keys = key });
    }

    /// <summary>Refuses a log that cannot be read with what was given.</summary>
    /// <exception cref="UsageException">It is encrypted, and no key was given.</exception>
    public static void DemandKey(string path, LogKeys? keys)
    {
        if (keys is not { CanDecrypt: true } && IsEncrypted(path))
            throw new UsageException($"{path} is encrypted: give its secret with --key.");
    }

    // Whether or not the rest is a log is for its reader to say.
    private static bool IsEncrypted(string path)
    {
        try
        {
            using ILogFile file = FolderStorage.OpenExisting(path).Open(SegmentWriter.NameOf(0));
            var start = new byte[SegmentStart.Size];
            return file.Read(0, start) == start.Length && SegmentStart.Read(start).IsEncrypted;
        }
        catch (Exception error) when (error is FileNotFoundException or LogDamagedException)
        {
            return false;
        }
    }
}
