using System.Globalization;
using System.Text;

namespace Determinism;

/// <summary>A replay did something that the log says it did not do. The first difference stops it (law L8).</summary>
public class ReplayDivergenceException : DeterminismException
{
    /// <summary>Creates it without a report.</summary>
    public ReplayDivergenceException()
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="message">What happened.</param>
    public ReplayDivergenceException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public ReplayDivergenceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates it from a report.</summary>
    /// <param name="report">The report.</param>
    public ReplayDivergenceException(DivergenceReport report)
        : base(Describe(report)) => Report = report;

    /// <summary>All that is known of the difference.</summary>
    public DivergenceReport? Report { get; }

    private static string Describe(DivergenceReport report)
    {
        _ = report ?? throw new ArgumentNullException(nameof(report));
        var text = new StringBuilder();
        text.AppendFormat(CultureInfo.InvariantCulture, "agent {0} diverged at event {1}: expected {2}; actual {3}",
            report.Agent, report.EventNumber, report.Expected, report.Actual).AppendLine();
        text.Append("  at ").Append(report.Point).AppendLine();
        if (report.Instruction.Length > 0)
            text.Append("  instruction ").AppendLine(report.Instruction);
        if (report.LikelyCause.Length > 0)
            text.Append("  likely cause: ").AppendLine(report.LikelyCause);
        if (report.State.Length > 0)
            text.AppendLine(report.State);
        foreach (string line in report.LastEvents)
            text.Append("  ").AppendLine(line);
        return text.ToString().TrimEnd();
    }
}
