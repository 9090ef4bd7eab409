using Determinism.Guests.Build;
using Determinism.Guests.Build.Polls;

string? folder = null;
bool polls = true, check = false;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--out" when i + 1 < args.Length:
            folder = args[++i];
            break;
        case "--no-polls":
            polls = false;
            break;
        case "--check":
            check = true;
            break;
        default:
            return Usage();
    }
}

var guests = FindGuestsFolder();
if (guests is null)
    return Fail("run this inside the repository: samples/Guests was not found");
if (!polls && folder is null)
    return Fail("--no-polls needs --out: the committed binaries have polls");
if (GuestBuilder.FindCompilerMajorVersion() is not GuestBuilder.CompilerMajorVersion)
    return Fail($"the guests are built with gcc {GuestBuilder.CompilerMajorVersion}");
folder ??= Path.Combine(guests, "bin");

try
{
    var builder = new GuestBuilder(guests, polls);
    if (!check)
    {
        builder.BuildAll(folder);
        Console.WriteLine($"built {builder.Guests.Count} guests");
        return 0;
    }
    var differences = builder.FindDifferences(folder);
    Console.WriteLine(differences.Count == 0
        ? $"all {builder.Guests.Count} guests are what their sources give"
        : "differ: " + string.Join(' ', differences));
    return differences.Count == 0 ? 0 : 1;
}
catch (Exception exception) when (exception is PollPassException or InvalidOperationException or IOException)
{
    return Fail(exception.Message);
}

static int Usage()
{
    Console.Error.WriteLine("usage: Determinism.Guests.Build [--out DIR] [--no-polls] [--check]");
    return 64;
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}

static string? FindGuestsFolder()
{
    foreach (var start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory])
    {
        for (var at = new DirectoryInfo(start); at is not null; at = at.Parent)
        {
            var candidate = Path.Combine(at.FullName, "samples", "Guests");
            if (Directory.Exists(Path.Combine(candidate, "runtime")))
                return candidate;
        }
    }
    return null;
}
