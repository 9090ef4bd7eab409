namespace Determinism.Debugging.Protocol;

/// <summary>Hexadecimal digits.</summary>
internal static class Hex
{
    /// <summary>A digit's value, -1 for what is none.</summary>
    public static int Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };

    /// <summary>The digit of a value below 16.</summary>
    public static byte Character(int value) => (byte)"0123456789abcdef"[value];
}
