using System.Buffers.Binary;
using Determinism.X86;

namespace Determinism.Machine;

/// <summary>Checks a guest's code before it runs, for every backend: what could not be replayed with the machine's clock is
/// refused when a recording starts.</summary>
/// <remarks>Code that a guest makes when it runs is checked when it is published.</remarks>
public static class GuestCheck
{
    private const int MostReported = 10;

    /// <summary>The reasons to refuse the guest, each a sentence: address and symbol, instruction, why. The first ten, and
    /// how many more there are; none if all is well.</summary>
    /// <param name="configuration">The machine; with the software counter as clock the guest needs polls.</param>
    public static IReadOnlyList<string> FindObstacles(MachineConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ElfImage image = configuration.Image;
        IReadOnlyList<CodeRefusal> refusals = Check(image, configuration.Clock).Refusals;
        var obstacles = new List<string>();
        foreach (CodeRefusal refusal in refusals)
        {
            if (obstacles.Count == MostReported)
            {
                obstacles.Add($"The guest's code is refused in {refusals.Count - MostReported} more places.");
                break;
            }
            obstacles.Add($"{PlaceOf(image, refusal.Address)}: {refusal.Instruction}: {refusal.Reason}.");
        }
        return obstacles;
    }

    /// <summary>Checks a program's code, from its entry, its functions, and the addresses of code that it holds.</summary>
    /// <param name="image">The program.</param>
    /// <param name="clock">The clock that it is to run with.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="GuestLoadException">Code segments overlap.</exception>
    public static GuestCodeReport Check(ElfImage image, ClockKind clock)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Check(image, clock, []);
    }

    /// <summary>Checks code that a guest has made, together with all that it may go to.</summary>
    /// <param name="image">The program.</param>
    /// <param name="clock">The clock that it runs with.</param>
    /// <param name="published">The code, piece by piece; each is entered at its first byte. It is not patched: a guest that
    /// writes code can do without RDTSC.</param>
    internal static GuestCodeReport Check(ElfImage image, ClockKind clock, IReadOnlyList<CodeRegion> published)
    {
        var regions = new List<CodeRegion>();
        var words = new List<ulong>();
        foreach (ElfSegment segment in image.Segments)
        {
            if (segment.IsExecutable)
                regions.Add(new CodeRegion(segment.Address, image.File.Slice(segment.FileOffset, segment.FileBytes),
                    IsPatched: true));
            else
                AddWords(words, segment.Address, image.Content(segment));
        }
        var entries = new List<ulong> { image.Entry };
        foreach (ElfSymbol symbol in image.Symbols)
        {
            if (symbol.IsFunction)
                entries.Add(symbol.Address);
        }
        regions.AddRange(published);
        entries.AddRange(published.Select(region => region.Address));
        var code = new GuestCode { Regions = regions, Entries = entries, DataWords = words };
        try
        {
            return GuestCodeCheck.Check(code,
                clock == ClockKind.SoftwareCounter ? GuestCodeRules.SoftwareCounter : GuestCodeRules.Instructions);
        }
        catch (ArgumentException error)
        {
            throw new GuestLoadException("The program's code segments lie on one another.", error);
        }
    }

    // Compilers align pointers.
    private static void AddWords(List<ulong> words, ulong address, ReadOnlySpan<byte> content)
    {
        int misaligned = (int)(address % sizeof(ulong));
        int start = misaligned == 0 ? 0 : sizeof(ulong) - misaligned;
        for (int at = start; at + sizeof(ulong) <= content.Length; at += sizeof(ulong))
            words.Add(BinaryPrimitives.ReadUInt64LittleEndian(content[at..]));
    }

    private static string PlaceOf(ElfImage image, ulong address)
    {
        string place = $"0x{address:X}";
        string name = image.NameOf(address);
        return name == place ? place : $"{place} {name}";
    }
}
