using System.Collections.Concurrent;
using Determinism.Log.Fuzz;
using Determinism.Log.Tests.Hostile;
using Determinism.Machine.Tests;
using Xunit.Abstractions;

namespace Determinism.Log.Tests.Fuzzing;

/// <summary>The fuzzer's target, over its corpus and over seeded changes of it: a short run of what a fuzzer does for days.</summary>
public class FuzzTargetTests(ITestOutputHelper output)
{
    private const int Seed = 77;

    [Fact]
    public void The_corpus_is_of_good_logs_that_survive_packing()
    {
        foreach ((string name, byte[] packed) in Corpus.Make())
        {
            Assert.Equal(packed, PackedLog.Pack(PackedLog.Unpack(packed)));
            (Reading asItIs, Reading @sealed) = FuzzTarget.Run(packed);
            Assert.True(asItIs.IsOpen && @sealed.IsOpen, name);
            Assert.Equal((0, 0), (asItIs.Errors, @sealed.Errors));
            Assert.Equal(name != "cut-short", asItIs.IsComplete);
            Assert.Equal(300UL, asItIs.Streams.Aggregate(0UL, static (sum, stream) => sum + stream!.Value.Events));
        }
    }

    [Fact]
    public void Changed_bytes_end_in_a_log_or_in_an_error()
    {
        byte[][] corpus = [.. Corpus.Make().Values];
        int count = TestTier.Times(4000, 100_000);
        var outcomes = new ConcurrentDictionary<string, int>();
        IReadOnlyCollection<Exception> failures = Workers.Run(count, number =>
        {
            var random = new Random((Seed * 104_729) + number);
            byte[] packed = Mutate(corpus[random.Next(corpus.Length)], corpus[random.Next(corpus.Length)], random);
            try
            {
                Reading @sealed = FuzzTarget.Run(packed).Sealed;
                outcomes.AddOrUpdate(!@sealed.IsOpen ? "refused" : @sealed.Errors > 0 ? "damaged" : "read", 1, static (_, sum) => sum + 1);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Change {number} of seed {Seed}: {error.GetType().Name}: {error.Message}", error);
            }
        });
        output.WriteLine($"seed {Seed}, {count} changes, sealed: "
            + string.Join(", ", outcomes.Select(static one => $"{one.Value} {one.Key}")));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Equal(3, outcomes.Count);
    }

    // What fuzzers do: single bits and bytes, blocks copied about, ends cut off, two inputs crossed.
    private static byte[] Mutate(byte[] one, byte[] other, Random random)
    {
        byte[] bytes = [.. one];
        for (int times = 1 + random.Next(4); times > 0; times--)
        {
            int at = random.Next(bytes.Length);
            int length = 1 + random.Next(Math.Min(64, bytes.Length - at));
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.AsSpan(random.Next(bytes.Length - length + 1), length).ToArray().CopyTo(bytes.AsSpan(at));
                    break;
                case 3:
                    bytes.AsSpan(at, length).Fill(random.Next(2) == 0 ? (byte)0 : (byte)0xFF);
                    break;
                case 4 when at > 0:
                    bytes = bytes[..at];
                    break;
                default:
                    bytes = [.. bytes[..at], .. other.AsSpan(Math.Min(at, other.Length))];
                    break;
            }
            if (bytes.Length == 0)
                return [.. one];
        }
        return bytes;
    }
}
