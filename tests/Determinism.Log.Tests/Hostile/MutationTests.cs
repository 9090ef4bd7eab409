using Determinism.Log.Fuzz;
using Determinism.Machine.Tests;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Hostile;

/// <summary>Whatever the bytes of a log are, its readers end: with what was written, or with an error of the library's own;
/// in bounded steps and bounded memory.</summary>
public class MutationTests(ITestOutputHelper output)
{
    private const int Seed = 20260;

    [Fact]
    public void No_bytes_make_a_reader_fail_hang_or_take_memory()
    {
        int count = TestTier.Times(60_000, 1_000_000);
        SourceLog[] sources = SourceLog.MakeAll();
        foreach (SourceLog source in sources)
            output.WriteLine($"{source.Name}: {source.Files.Count} files, {source.Files.Values.Sum(static file => file.Length)} bytes");
        var tally = new Tally();
        IReadOnlyCollection<Exception> failures = Workers.Run(count, mutant => Check(sources, mutant, tally));
        output.WriteLine($"seed {Seed}, {tally.Total} mutants; most memory {tally.MostAllocated} % of the bound");
        output.WriteLine(tally.ToString());
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Equal(count, tally.Total);
        // The tests' own eyes: damage is seen, and some mutants are good logs.
        Assert.True(tally.CountOf("refused") > count / 20);
        Assert.True(tally.CountOf("damaged") > count / 20);
        Assert.True(tally.CountOf("as written") > count / 50);
    }

    private static void Check(SourceLog[] sources, int number, Tally tally)
    {
        var random = new Random((Seed * 31) + number);
        while (true)
        {
            SourceLog source = sources[random.Next(sources.Length)];
            SourceLog other = sources[random.Next(sources.Length)];
            var mutation = (Mutation)random.Next((int)Mutation.SegmentFromAnother + 1);
            SortedDictionary<string, byte[]>? files = mutation < Mutation.StartField
                ? RawMutator.Apply(mutation, source, other, random)
                : new SealedMutator(source, other, random).Apply(mutation);
            if (files is null)
                continue;
            try
            {
                Read(files, source, mutation, random.Next(), tally);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException(
                    $"Mutant {number} of seed {Seed}, {mutation} of \"{source.Name}\": {error.GetType().Name}: {error.Message}", error);
            }
            return;
        }
    }

    private static void Read(
        SortedDictionary<string, byte[]> files, SourceLog source, Mutation mutation, int seed, Tally tally)
    {
        long size = files.Values.Sum(static file => (long)file.Length);
        var storage = new MemoryStorage(files) { MaximumReads = 10_000 + (20 * size) };
        Reading reading = LogProbe.Read(storage, source.Keys, seed);
        // A cursor remembers 24 bytes a stream, and the probe opens a few cursors a stream.
        long streams = reading.Streams.Count;
        long bound = (64 * size) + (1 << 20) + (48 * streams * streams);
        Assert.True(reading.AllocatedBytes <= bound, $"{reading.AllocatedBytes} bytes allocated for a log of {size}; {reading.FirstError}");
        bool isAsWritten = IsAsWritten(reading, source, out bool isPart);
        if (mutation <= Mutation.FileLost)
            Assert.True(isPart, "events were read that nobody has written, or a complete log lost some, and no error said so");
        string outcome = !reading.IsOpen ? "refused"
            : reading.Errors > 0 ? "damaged"
            : isAsWritten ? "as written"
            : isPart ? "a part" : "other";
        tally.Add(mutation, outcome, 100 * reading.AllocatedBytes / bound);
    }

    // Streams that were read without an error are what was written; of a log that does not say that it is complete, the
    // first events of it.
    private static bool IsAsWritten(Reading reading, SourceLog source, out bool isPart)
    {
        isPart = true;
        if (!reading.IsOpen)
            return false;
        bool isWhole = isPart = reading.Streams.Count == source.Digests.Length;
        for (int stream = 0; isPart && stream < reading.Streams.Count; stream++)
        {
            if (reading.Streams[stream] is not { } read)
            {
                isWhole = false;
                continue;
            }
            IReadOnlyList<ulong> digests = source.Digests[stream];
            bool isAll = read.Events == (ulong)digests.Count - 1;
            isWhole &= isAll;
            isPart = read.Events < (ulong)digests.Count && digests[(int)read.Events] == read.Digest
                && (isAll || !reading.IsComplete);
        }
        return isWhole && isPart;
    }
}
