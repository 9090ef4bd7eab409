namespace Determinism.Model.Tests.Checking;

internal enum ViolationKind
{
    Exclusion,
    AccessWithoutRight,
    Order,
    Economy,
    PointNotNameable,
    FaultBound,
    BypassBound,
    Deadlock,
    Starvation,
}

internal sealed record Violation(ViolationKind Kind, string Message);
