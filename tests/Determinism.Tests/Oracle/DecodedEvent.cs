using Determinism.Log;

namespace Determinism.Tests.Oracle;

/// <summary>An event with all that belongs to it.</summary>
internal sealed record DecodedEvent(StreamEvent Event, OrderingConstraint[] Constraints, byte[] Bytes);
