namespace Determinism.Machine;

/// <summary>What an input or output event of the machine is of. Values are in logs.</summary>
internal enum InputCode : uint
{
    ConsoleBytes = 1,
    Clock = 2,
    Random = 3,
    ConsoleOutput = 4,
    TimeStamp = 5,
}
