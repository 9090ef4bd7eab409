using Microsoft.Extensions.Options;

namespace Determinism;

/// <summary>Finds every option that is out of its range, under any name.</summary>
internal sealed class DeterminismOptionsValidator : IValidateOptions<DeterminismOptions>
{
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
        return result.Build();
    }
}
