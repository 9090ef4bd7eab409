namespace Determinism.Log;

/// <summary>What the codec remembers of a stream, on both sides alike: numbers are written as differences.</summary>
internal struct StreamState
{
    public ulong Count;
    public ulong Exit;
    public PlaceKind Place;
    public bool HasPlace;
    public ulong Frame;
    public uint Code;
    public ulong Value;
    public readonly ulong[] Sources;

    public StreamState(int agentCount) => Sources = new ulong[agentCount];

    public readonly bool IsAt(PlaceKind place, ulong position) =>
        HasPlace && Place == place && position == (place == PlaceKind.Count ? Count : Exit);

    private void MoveTo(PlaceKind place, ulong position)
    {
        HasPlace = true;
        Place = place;
        if (place == PlaceKind.Count)
            Count = position;
        else
            Exit = position;
    }

    /// <summary>The event is the last one from now on.</summary>
    public void Remember(in StreamEvent one, ReadOnlySpan<OrderingConstraint> constraints)
    {
        MoveTo(one.Place, one.Position);
        foreach (OrderingConstraint constraint in constraints)
            Sources[constraint.Agent] = constraint.EventNumber;
        switch (one.Kind)
        {
            case EventKind.Elevation:
            case EventKind.Reduction:
                Frame = one.Frame;
                break;
            case EventKind.Input:
            case EventKind.Asynchronous:
                Code = one.Code;
                if (!one.HasBytes)
                    Value = one.Value;
                break;
        }
    }
}
