using System.CommandLine;
using Determinism.Log;
using Determinism.Tool.Reading;
using Determinism.Tool.Verification;

namespace Determinism.Tool.Commands;

/// <summary><c>log verify</c>: whether a log is what was written.</summary>
internal static class VerifyCommand
{
    public static Command Create(TextWriter output, TextWriter errors)
    {
        var path = Arguments.Path("LOG", "Folder of the log.");
        var complete = new Option<bool>("--complete") { Description = "A log that was not completed is not good enough." };
        Option<Secret?> key = KeyOptions.CreateSecret();
        Option<Secret?> chainKey = KeyOptions.CreateChainSecret();
        Option<bool> json = JsonOption.Create("Writes JSON, with the first hundred problems.");
        var command = new Command("verify", """
            Looks at every byte of a log: checksums, order of blocks, events, constraints, indexes, and with the secret of its
            chain whether anybody changed it. Ends with 0 if all is as it must be, with 5 if not.

            Examples:
              determinism log verify run.log
              determinism log verify run.log --complete --chain-key chain.key --json
            """)
        {
            path, complete, chainKey, key, json,
        };
        command.SetAction(parsed =>
        {
            string log = parsed.GetValue(path)!;
            LogVersion.Check(log);
            var options = new LogReadOptions { Keys = KeyOptions.Combine(parsed.GetValue(key), parsed.GetValue(chainKey)) };
            LogVerification found;
            using (var progress = new ByteProgress(errors, "verifying", log))
                found = LogVerifier.Verify(log, options, progress);
            var report = new VerificationReport(found, parsed.GetValue(complete));
            if (parsed.GetValue(json))
                JsonOutput.Write(output, report.WriteJson);
            else
                report.WriteText(output);
            return (int)(report.IsGood ? ExitCode.Identical : ExitCode.Damaged);
        });
        return command;
    }
}
