using System.Buffers.Binary;
using Determinism.Log.Fuzz;
using Determinism.Log.Tests.SecondReader;
using Determinism.Log.Tests.Support;
using Determinism.Machine;
using Determinism.Machine.Tests;
using Determinism.Replaying;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Fixtures;

/// <summary>What an older version of this library wrote can be read, and replayed.</summary>
public class FixtureTests(ITestOutputHelper output)
{
    private const int MaximumBytes = 400_000;

    private static readonly LogWriteOptions s_plain = new() { SegmentBytes = 8 << 10 };

    private static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Fixtures", "v1");

    private static readonly string[] s_names = ["racy-plain", "racy-sealed", "devices-plain", "devices-sealed"];

    public static TheoryData<string> Logs => [.. s_names];

    [Fact]
    public void All_of_them_are_tried_and_small()
    {
        string[] folders = [.. Directory.EnumerateDirectories(Folder).Select(static path => Path.GetFileName(path)!)];
        Assert.Equal(s_names.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
        Assert.InRange(Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Sum(static path => new FileInfo(path).Length), 1, MaximumBytes);
    }

    [Theory]
    [MemberData(nameof(Logs))]
    public void Both_readers_read_it(string name)
    {
        SortedDictionary<string, byte[]> files = Read(name);
        Assert.True(files.Count > 2, "a manifest and segments");
        long events = Agreement.Check(files, Secrets.Encryption, Secrets.Chain);
        output.WriteLine($"{name}: {files.Count} files, {events} events");
        Assert.True(events > 100);
        using var reader = Open(files);
        Assert.Equal(1, reader.FormatVersion);
        Assert.True(reader.IsComplete);
        Assert.Equal(name.EndsWith("sealed", StringComparison.Ordinal), reader.IsEncrypted && reader.IsChained);
    }

    [Theory]
    [MemberData(nameof(Logs))]
    public void The_machine_replays_it_to_the_recorded_end(string name)
    {
        using var reader = Open(Read(name));
        using GuestMachine machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(reader));
        using ReplaySession session = MachineRuns.StartReplay(machine, reader);
        machine.Run(session);
        Assert.True(session.ReachedEveryEnd);
        Assert.True(reader.TryReadBlock(BlockKind.FinalState, out ReadOnlyMemory<byte> recorded));
        Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(recorded.Span), MachineState.DigestOf(machine));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public void A_segment_of_a_version_that_is_not_known_is_refused_by_both_versions_names(ushort version)
    {
        SortedDictionary<string, byte[]> files = Read("racy-plain");
        byte[] first = files["000000.detlog"];
        BitConverter.TryWriteBytes(first.AsSpan(8), version);
        BitConverter.TryWriteBytes(first.AsSpan(60), Crc.Of(first.AsSpan(0, 60)));
        string message = Assert.Throws<LogDamagedException>(() => Open(files)).Message;
        Assert.Contains($"format version {version}", message, StringComparison.Ordinal);
        Assert.Contains("versions 1 to 2", message, StringComparison.Ordinal);
        Assert.Throws<NotALogException>(() => new SecondLog(files));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public void A_header_of_a_version_that_is_not_known_is_refused_by_both_versions_names(int version)
    {
        using var reader = Open(Read("racy-plain"));
        Assert.True(reader.TryReadBlock(BlockKind.Header, out ReadOnlyMemory<byte> content));
        byte[] header = content.ToArray();
        BitConverter.TryWriteBytes(header, version);
        string message = Assert.Throws<LogDamagedException>(() => LogHeader.FromBytes(header)).Message;
        Assert.Contains($"format version {version}", message, StringComparison.Ordinal);
        Assert.Contains("versions 1 to 1", message, StringComparison.Ordinal);
    }

    /// <summary>Makes the logs, where DETERMINISM_WRITE_FIXTURES says; else it makes one in memory, so that it is known to
    /// work.</summary>
    [Fact]
    public void Writes_the_fixtures()
    {
        string? target = Environment.GetEnvironmentVariable("DETERMINISM_WRITE_FIXTURES");
        foreach (string name in s_names)
        {
            string[] parts = name.Split('-');
            LogWriteOptions options = parts[1] == "plain" ? s_plain : Shapes.All["all"] with { SegmentBytes = 4 << 10 };
            SortedDictionary<string, byte[]> files =
                Recordings.Record(Recordings.Tiny(parts[0]), "parallel", options, seed: 1, eventsPerCommit: 60).Files;
            Assert.True(files.Count > 2);
            if (target is null)
                break;
            string folder = Directory.CreateDirectory(Path.Combine(target, name)).FullName;
            foreach ((string file, byte[] content) in files)
                File.WriteAllBytes(Path.Combine(folder, file), content);
        }
    }

    private static SortedDictionary<string, byte[]> Read(string name)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Folder, name)))
            files.Add(Path.GetFileName(path), File.ReadAllBytes(path));
        return files;
    }

    private static FileEventLogReader Open(SortedDictionary<string, byte[]> files) =>
        new(new MemoryStorage(files), new LogReadOptions { Keys = Secrets.Keys });
}
