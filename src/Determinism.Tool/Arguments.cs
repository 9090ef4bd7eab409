using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Determinism.Tool;

/// <summary>What command lines consist of, with errors that say what was expected.</summary>
internal static class Arguments
{
    /// <summary>A name of a file or folder.</summary>
    public static Argument<string> Path(string name, string description)
    {
        var path = new Argument<string>(name) { Description = description };
        path.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
                result.AddError($"{name} is empty.");
        });
        return path;
    }

    /// <summary>A number that may be left out.</summary>
    public static Option<T?> Bound<T>(string name, string description)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => new(name)
        {
            Description = description, HelpName = "N", CustomParser = result => Parse(result, name, T.MinValue, T.MaxValue),
        };

    /// <summary>A number that has a default.</summary>
    public static Option<T> Number<T>(string name, string description, T least, T byDefault)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => new(name)
        {
            Description = description, HelpName = "N", DefaultValueFactory = _ => byDefault,
            CustomParser = result => Parse(result, name, least, T.MaxValue),
        };

    private static T Parse<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, IBinaryInteger<T>
    {
        string text = result.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out T value) && value >= least && value <= most)
            return value;
        result.AddError($"{name} takes a number from {least} to {most}, not \"{text}\".");
        return default;
    }
}
