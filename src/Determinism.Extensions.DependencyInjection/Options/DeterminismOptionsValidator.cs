using Microsoft.Extensions.Options;

namespace Determinism;

/// <summary>Finds every option that is out of its range, under any name.</summary>
internal sealed class DeterminismOptionsValidator : IValidateOptions<DeterminismOptions>
{
    private const long LeastFlightBytes = 64 << 10;

    public ValidateOptionsResult Validate(string? name, DeterminismOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (!Enum.IsDefined(options.Scheduling))
            result.AddError($"There is no mode {options.Scheduling}.", nameof(options.Scheduling));
        if (options.HoldTime < TimeSpan.Zero)
            result.AddError($"{options.HoldTime} is less than nothing.", nameof(options.HoldTime));
        // A holder that may keep a frame that long makes every request for it run out of time.
        if (options.Scheduling != SchedulingMode.Chaos && options.HoldTime >= options.AnswerTimeout)
            result.AddError($"{options.HoldTime} is not less than {nameof(options.AnswerTimeout)}, "
                + $"{options.AnswerTimeout}.", nameof(options.HoldTime));
        if (options.DigestInterval < 0)
            result.AddError($"{options.DigestInterval} is less than 0.", nameof(options.DigestInterval));
        if (options.AnswerTimeout <= TimeSpan.Zero || options.AnswerTimeout.TotalMilliseconds > int.MaxValue)
            result.AddError($"{options.AnswerTimeout} is not more than nothing and at most 24 days.",
                nameof(options.AnswerTimeout));
        if (options.CheckpointInterval is { } interval && interval.TotalMilliseconds is not (>= 1 and <= int.MaxValue))
            result.AddError($"{interval} is not from a millisecond to 24 days.", nameof(options.CheckpointInterval));
        if (options.CheckpointEvents < 0)
            result.AddError($"{options.CheckpointEvents} is less than 0.", nameof(options.CheckpointEvents));
        if (options.CheckpointLogBytes < 0)
            result.AddError($"{options.CheckpointLogBytes} is less than 0.", nameof(options.CheckpointLogBytes));
        if (options.FlightRecorderBytes is not (0 or >= LeastFlightBytes))
            result.AddError($"{options.FlightRecorderBytes} is not at least {LeastFlightBytes}.", nameof(options.FlightRecorderBytes));
        if (options.FlightRecorderTime != TimeSpan.Zero
            && (options.FlightRecorderTime.TotalSeconds < 1 || options.FlightRecorderTime.TotalMilliseconds > int.MaxValue))
            result.AddError($"{options.FlightRecorderTime} is not from a second to 24 days.", nameof(options.FlightRecorderTime));
        return result.Build();
    }
}
