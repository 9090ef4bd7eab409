namespace Determinism.Model.Tests.Checking;

/// <summary>A finite transition system of sequential agents, given by its successor relation.</summary>
internal interface ITransitionSystem<TState>
    where TState : unmanaged
{
    int AgentCount { get; }

    TState Initial { get; }

    /// <summary>Adds every step that is possible in <paramref name="state"/>.</summary>
    void AddSuccessors(in TState state, Successors<TState> successors);

    /// <summary>What is wrong with this state, or null.</summary>
    Violation? Check(in TState state);

    /// <summary>True where it is no deadlock that nothing can happen any more.</summary>
    bool IsFinal(in TState state);

    /// <summary>One bit per agent that has an unfinished obligation; <see cref="Discharges"/> ends it.</summary>
    byte Pending(in TState state);

    /// <summary>True for the step with which an agent's obligation is met.</summary>
    bool Discharges(Label label);

    string Describe(Label label);

    string Describe(in TState state);
}
