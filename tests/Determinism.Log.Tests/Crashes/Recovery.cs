using Determinism.Log.Tests.Disk;

namespace Determinism.Log.Tests.Crashes;

/// <summary>Recovers a recording from disks as power losses left them, and holds what comes back to law L9.</summary>
/// <param name="recorded">The recording.</param>
/// <param name="close">How streams are cut; that of <see cref="ClosedLog"/> but for controls.</param>
internal sealed class Recovery(Recorded recorded, Func<IEventLogReader, IEventLogReader>? close = null)
{
    private readonly Func<IEventLogReader, IEventLogReader> _close = close ?? ClosedLog.Of;

    /// <summary>States recovered.</summary>
    public int States { get; private set; }

    /// <summary>Those of them where there was rightly no log yet.</summary>
    public int WithoutLog { get; private set; }

    /// <summary>Those where events had to be cut off because their causes were lost.</summary>
    public int Cut { get; private set; }

    /// <summary>Those with a torn tail.</summary>
    public int Torn { get; private set; }

    /// <summary>Those that were complete.</summary>
    public int Complete { get; private set; }

    /// <summary>Recovers several possible states of a moment.</summary>
    /// <returns>What is wrong with the first that is wrong; null if none is.</returns>
    public string? FindFault(int moment, int states, Random random)
    {
        for (int state = 0; state < states; state++)
        {
            if (FindFault(PowerLoss.At(recorded.Disk, moment, random), moment) is { } fault)
                return $"Moment {moment} of {recorded.Disk.Steps.Count}, state {state}: {fault}";
        }
        return null;
    }

    public override string ToString() => $"{States} states of {recorded.Disk.Steps.Count} operations, "
        + $"{recorded.Appended.EventCount} events, {recorded.Appended.CauseCount} constraints, "
        + $"{recorded.Acknowledgements.Count} acknowledgements; {WithoutLog} without a log, {Torn} torn, {Cut} cut, "
        + $"{Complete} complete.";

    private string? FindFault(DiskImage image, int moment)
    {
        States++;
        try
        {
            using var reader = new FileEventLogReader(image, new LogReadOptions { Keys = recorded.Keys });
            return FindFault(reader, moment);
        }
        catch (LogDamagedException error) when (recorded.MayBeWithoutLog(moment))
        {
            WithoutLog++;
            return error.Message.Contains("log", StringComparison.Ordinal) ? null : error.ToString();
        }
#pragma warning disable CA1031 // Whatever it is: a log must open.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return error.ToString();
        }
    }

    private string? FindFault(FileEventLogReader reader, int moment)
    {
        using IEventLogReader closed = _close(reader);
        string? fault = Law9.FindFault(recorded.Appended, reader, closed,
            recorded.Acknowledgements.TakeWhile(one => one.Moment <= moment).Select(static one => one.Position), out bool isCut);
        Cut += isCut ? 1 : 0;
        Torn += reader.Tail.IgnoredBytes > 0 ? 1 : 0;
        Complete += closed.IsComplete ? 1 : 0;
        return fault;
    }
}
