using Determinism.ProcessorTests.Generation;
using Iced.Intel;
using Xunit;

namespace Determinism.ProcessorTests.Comparison;

/// <summary>Compares many generated snippets, and keeps count of what they were made of.</summary>
internal sealed class ComparisonRun(Differential differential, IProcessor expected, Action<string> print, ulong seed)
{
    private const int MostReports = 12;
    private const int MostDescribed = 500;

    private readonly SnippetGenerator _generator = new(seed, InstructionForms.All);
    private readonly HashSet<Code> _kinds = [];
    private readonly List<string> _reports = [];
    private readonly HashSet<Code> _reported = [];
    private long _instructions;
    private long _different;

    /// <summary>Snippets of one instruction.</summary>
    public void Singles(int count) => Run(count, _generator.Single, "single instructions");

    /// <summary>Snippets of several instructions.</summary>
    public void Sequences(int count) => Run(count, _generator.Sequence, "sequences");

    private void Run(int count, Func<ulong, int, Snippet> generate, string what)
    {
        var batch = new List<Snippet>(Layout.Slots);
        for (var number = 0; number < count;)
        {
            batch.Clear();
            for (var slot = 0; slot < Layout.Slots && number < count; slot++, number++)
                batch.Add(generate((ulong)number, slot));
            foreach (var (snippet, difference) in differential.Run(batch))
                Report(snippet, difference);
            foreach (var instruction in batch.SelectMany(s => s.Units).SelectMany(u => u.Instructions))
            {
                _instructions++;
                _kinds.Add(instruction.Code);
            }
        }
        print($"seed {seed}: {count} {what}; so far {_instructions} instructions of {_kinds.Count} forms, {_different} differences");
        Assert.True(_different == 0, $"{_different} snippets came out differently. Some:\n" + string.Join('\n', _reports));
    }

    // A few reports on different instructions are of more use than many on one.
    private void Report(Snippet snippet, string difference)
    {
        if (_different++ >= MostDescribed || _reports.Count >= MostReports)
            return;
        var report = Reporter.Describe(differential, snippet, difference, expected, out var culprit);
        if (_reported.Add(culprit.Instructions[culprit.Subject].Code))
            _reports.Add(report);
    }
}
