using System.Text;

namespace Determinism.Log;

/// <summary>The content of a log's block of that kind: what was taken out, a line each.</summary>
internal static class Redactions
{
    public const string States = "states";
    public const string Payload = "payload";
    public const string Block = "block";
    public const string Checkpoints = "checkpoints";

    public static IReadOnlyList<string> Find(IEventLogReader log) =>
        log.TryReadBlock(BlockKind.Redactions, out ReadOnlyMemory<byte> content) ? Parse(content) : [];

    public static IReadOnlyList<string> Parse(ReadOnlyMemory<byte> content) =>
        Encoding.UTF8.GetString(content.ToArray()).Split(['\n'], StringSplitOptions.RemoveEmptyEntries);

    public static byte[] ToBytes(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    /// <summary>What of it prevents a replay. States are for reports only, and what a machine starts from can come from
    /// elsewhere, held to its digest. A line that this version does not know prevents it.</summary>
    public static IEnumerable<string> Obstacles(IEventLogReader log) =>
        Find(log).Where(static line => FirstWord(line) is not (States or Block));

    /// <summary>Whether a line says that checkpoints were taken out.</summary>
    public static bool AreCheckpoints(string line) => line.StartsWith(Block + " " + Checkpoints + " ", StringComparison.Ordinal);

    private static string FirstWord(string line) => line.Split(' ')[0];
}
