namespace Determinism.Model.Tests.Checking;

/// <summary>The steps out of one state; reused from state to state.</summary>
internal sealed class Successors<TState>
    where TState : unmanaged
{
    private readonly List<(Label Label, TState State, Violation? Violation)> _items = [];

    public int Count => _items.Count;

    public (Label Label, TState State, Violation? Violation) this[int index] => _items[index];

    public void Clear() => _items.Clear();

    public void Add(Label label, in TState state, Violation? violation = null) => _items.Add((label, state, violation));
}
