using System.Globalization;
using System.Security.Cryptography;

namespace Determinism.Log;

/// <summary>Takes out of a log what its readers must not see, and leaves word of it.</summary>
/// <remarks>
/// The copy has every event in its place. Without states it replays as before: they are for reports. Without payloads it can be
/// looked into, but not replayed: sessions refuse it. Checkpoints hold registers and memory, into which payloads go: they are
/// never in the copy, whatever is taken out; so the copy of a log that begins at one cannot be replayed. Running digests stay; whoever can guess all that a small payload's
/// digest was made of can confirm the guess.
/// </remarks>
public sealed record LogRedaction
{
    /// <summary>Takes the register states out of digests.</summary>
    public bool States { get; init; }

    /// <summary>Takes the payloads out of all inputs: zeros in place of their bytes, as many, or of their value.</summary>
    public bool AllPayloads { get; init; }

    /// <summary>Takes the payloads out of inputs of these codes.</summary>
    public IReadOnlyList<uint> Payloads { get; init; } = [];

    /// <summary>Takes these blocks out: images, memory, disk, configuration. Their lengths and SHA-256 digests stay.</summary>
    public IReadOnlyList<BlockKind> Blocks { get; init; } = [];

    /// <summary>What was taken out of a log, a line each: "states"; "payload" and a code or "all"; "block", its name, its
    /// length in bytes and its digest; "block checkpoints" and their number.</summary>
    /// <param name="log">The log.</param>
    public static IReadOnlyList<string> ReadLines(IEventLogReader log) => Redactions.Find(Guard.NotNull(log));

    /// <summary>Copies a log into an empty one, without what is taken out, and completes it.</summary>
    /// <param name="log">The log; a complete one.</param>
    /// <param name="target">Where to; as many streams.</param>
    /// <exception cref="ArgumentException">The numbers of streams differ, both are encrypted or chained with one identity, or a
    /// block is not one that can be taken out.</exception>
    /// <exception cref="InvalidOperationException">The log is not complete: a copy would pass for one that is. Or its oldest part
    /// was dropped: it begins at a checkpoint, which holds what is to be taken out.</exception>
    /// <exception cref="LogDamagedException">The log cannot be read to its end.</exception>
    public LogRedactionResult WriteTo(IEventLogReader log, IEventLog target)
    {
        if (Guard.NotNull(log).StreamCount != Guard.NotNull(target).StreamCount)
            throw new ArgumentException("The logs have different numbers of streams.", nameof(target));
        if (!log.IsComplete)
            throw new InvalidOperationException("The log is not complete; repair it first.");
        if (log is IDroppedBeginning { Beginning: not null })
            throw new InvalidOperationException("The log's oldest part was dropped: it begins at a checkpoint, which would have to be taken out.");
        LogCopy.RefuseSameIdentity(log, target);
        string[] lines = [.. Redactions.Find(log), .. Describe(log)];
        // Before all else, so that no part of the copy is without it.
        target.AppendBlock(BlockKind.Redactions, Redactions.ToBytes(lines));
        LogCopy.CopyBlocks(log, target,
            kind => kind is not (BlockKind.Redactions or BlockKind.Checkpoint) && !LogEnd.IsOfEnd(kind) && !Blocks.Contains(kind));
        var copy = new RedactedCopy(this, target);
        for (int stream = 0; stream < log.StreamCount; stream++)
            copy.Write(new EventCursor(log, stream, log.StreamCount), log.StreamCount);
        LogCopy.CopyBlocks(log, target, LogEnd.IsOfEnd);
        target.Complete();
        return new LogRedactionResult(copy.States, copy.Payloads, copy.PayloadBytes, lines);
    }

    internal bool TakesPayload(uint code) => AllPayloads || Payloads.Contains(code);

    private static string NameOf(BlockKind kind) => kind switch
    {
        BlockKind.GuestImage => "image",
        BlockKind.InitialMemory => "memory",
        BlockKind.DiskImage => "disk",
        BlockKind.Configuration => "configuration",
        _ => throw new ArgumentException($"A block {kind} cannot be taken out of a log.", nameof(kind)),
    };

    private IEnumerable<string> Describe(IEventLogReader log)
    {
        if (States)
            yield return Redactions.States;
        if (AllPayloads)
            yield return $"{Redactions.Payload} all";
        foreach (uint code in AllPayloads ? [] : Payloads.Distinct())
            yield return Redactions.Payload + " " + code.ToString(CultureInfo.InvariantCulture);
        if (log is IRepeatedBlocks blocks && blocks.CountBlocks(BlockKind.Checkpoint) is > 0 and int count)
            yield return string.Format(CultureInfo.InvariantCulture, "{0} {1} {2}", Redactions.Block,
                Redactions.Checkpoints, count);
        foreach (BlockKind kind in Blocks.Distinct())
        {
            string name = NameOf(kind);
            if (log.TryReadBlock(kind, out ReadOnlyMemory<byte> content))
                yield return string.Format(CultureInfo.InvariantCulture, "{0} {1} {2} sha256:{3}", Redactions.Block, name,
                    content.Length, Digest(content));
        }
    }

    private static string Digest(ReadOnlyMemory<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content.ToArray());
        return string.Concat(hash.GetHashAndReset().Select(static one => one.ToString("x2", CultureInfo.InvariantCulture)));
    }
}
