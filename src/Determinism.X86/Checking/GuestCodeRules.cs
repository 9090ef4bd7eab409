namespace Determinism.X86;

/// <summary>How much a clock needs of a guest's code.</summary>
public enum GuestCodeRules
{
    /// <summary>For clocks that need no help, such as retired instructions: nothing but
    /// <see cref="AllowedInstructions"/> and no indirect jumps, behind which others could hide. A program may jump into
    /// the middle of instructions and into code that it makes.</summary>
    Instructions,

    /// <summary>For the software counter: control flow that can be followed, a poll in every cycle of control flow and of
    /// calls, and nothing that depends on the limit or on undefined flags.</summary>
    SoftwareCounter,
}
