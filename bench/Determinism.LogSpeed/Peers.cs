using Determinism.Log;

namespace Determinism.LogSpeed;

/// <summary>Our log and FasterLog, turn by turn.</summary>
internal static class Peers
{
    public static readonly string[] Parts = ["append", "scan", "check"];

    private const int WarmUps = 3;

    public static int Run(string folder, int rounds, string[] parts)
    {
        Dictionary<string, MemoryEventLog> guests = parts.Contains("scan") ? Scanning.RecordGuests() : [];
        var table = new Table();
        for (int round = -WarmUps; round < rounds; round++)
        {
            // The runtime compiles again what turned out to be used much, in the background.
            if (round < 0)
                Thread.Sleep(500);
            if (round == 0)
                table.Clear();
            string files = Path.Combine(folder, "round");
            Directory.CreateDirectory(files);
            foreach (int writers in parts.Contains("append") ? new[] { 1, 2, 4 } : [])
            {
                Appending.Ours(Path.Combine(files, $"ours{writers}"), writers, table);
                Appending.Theirs(Path.Combine(files, $"theirs{writers}"), writers, table);
            }
            if (parts.Contains("scan"))
            {
                Scanning.Sixteen(Path.Combine(files, "scan"), table);
                Scanning.Guests(files, guests, table);
            }
            Directory.Delete(files, recursive: true);
        }
        if (parts.Contains("check"))
            Checking.Run(folder, table);
        table.Print();
        table.PrintRatios();
        return 0;
    }
}
