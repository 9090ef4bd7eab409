namespace Determinism.Log;

/// <summary>Where a stream begins whose first events are not in the log.</summary>
/// <param name="Events">Events before.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="State">What the first event's differences start from.</param>
internal readonly record struct StreamBeginning(ulong Events, long Bytes, StreamState State);

/// <summary>A log whose oldest part may have been dropped.</summary>
internal interface IDroppedBeginning
{
    /// <summary>Where it begins; null: at its start.</summary>
    LogBeginning? Beginning { get; }

    /// <summary>Where a stream of it begins, if its oldest part was dropped.</summary>
    StreamBeginning BeginningOf(int stream);
}
