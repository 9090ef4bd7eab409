using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Determinism.Tool;

/// <summary>What the tool prints to.</summary>
internal static class StandardOutput
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Opens the standard output: line by line to a terminal, in larger pieces to anything else.</summary>
    public static TextWriter Open() => Console.IsOutputRedirected
        ? new StreamWriter(OpenStream(), new UTF8Encoding(false), BufferBytes)
        : Console.Out;

    // The console's own stream keeps quiet when nobody reads any more, and a dump of gigabytes would go on for nobody. A file's
    // stream says so, but in a file it would write where it thinks that the end is, not where others have written meanwhile.
    private static Stream OpenStream()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : new PipeOutput(stream);
    }
}
