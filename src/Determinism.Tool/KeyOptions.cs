using System.CommandLine;
using System.CommandLine.Parsing;
using Determinism.Log;

namespace Determinism.Tool;

/// <summary>Secrets given on the command line: in files, never as text that a process list shows.</summary>
internal static class KeyOptions
{
    /// <summary>The secret that an encrypted log is read by.</summary>
    public static Option<LogKeys?> CreateKey() => new("--key")
    {
        HelpName = "FILE",
        Description = "Secret of an encrypted log: a file of 32 bytes, or of 64 hexadecimal digits.",
        CustomParser = ReadSecret,
    };

    private static LogKeys? ReadSecret(ArgumentResult result)
    {
        string path = result.Tokens[0].Value;
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length == LogKeys.SecretBytes)
                return new LogKeys(encryption: bytes);
            string text = System.Text.Encoding.ASCII.GetString(bytes).Trim();
            if (text.Length == 2 * LogKeys.SecretBytes)
                return new LogKeys(encryption: Convert.FromHexString(text));
            result.AddError($"{path}: a secret has 32 bytes, or 64 hexadecimal digits.");
        }
        catch (FormatException)
        {
            result.AddError($"{path}: a secret has 32 bytes, or 64 hexadecimal digits.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            result.AddError(error.Message);
        }
        return null;
    }
}
