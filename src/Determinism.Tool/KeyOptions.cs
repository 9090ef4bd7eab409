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

    /// <summary>The secret of an encrypted log, for commands that may need both.</summary>
    public static Option<Secret?> CreateSecret() => new("--key")
    {
        HelpName = "FILE",
        Description = "Secret of an encrypted log: a file of 32 bytes, or of 64 hexadecimal digits.",
        CustomParser = ReadBytes,
    };

    /// <summary>The secret that proves that nobody has changed a log.</summary>
    public static Option<Secret?> CreateChainSecret() => new("--chain-key")
    {
        HelpName = "FILE",
        Description = "Secret of a log's chain: a file of 32 bytes, or of 64 hexadecimal digits.",
        CustomParser = ReadBytes,
    };

    /// <summary>Both secrets together; null without any.</summary>
    public static LogKeys? Combine(Secret? encryption, Secret? chain) =>
        encryption is null && chain is null ? null : new LogKeys(encryption?.Bytes, chain?.Bytes);

    private static LogKeys? ReadSecret(ArgumentResult result) =>
        ReadBytes(result) is { } secret ? new LogKeys(encryption: secret.Bytes) : null;

    private static Secret? ReadBytes(ArgumentResult result)
    {
        string path = result.Tokens[0].Value;
        if (path.Length == 0)
        {
            result.AddError("The name of a secret's file is empty.");
            return null;
        }
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (bytes.Length == LogKeys.SecretBytes)
                return new Secret(bytes);
            string text = System.Text.Encoding.ASCII.GetString(bytes).Trim();
            if (text.Length == 2 * LogKeys.SecretBytes)
                return new Secret(Convert.FromHexString(text));
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
