using CsCheck;
using Determinism.Log;
using Determinism.Tests.Oracle;

namespace Determinism.Tests.Codec;

/// <summary>Streams of events as an agent may have them: places and sources only go forward.</summary>
internal static class RandomEvents
{
    public const int AgentCount = 254;

    // Small numbers and large ones are as likely.
    private static readonly Gen<ulong> s_number = Gen.Select(Gen.Int[0, 63], Gen.ULong, (bits, value) => value >> bits);

    private static readonly Gen<OrderingConstraint[]> s_constraints =
        Gen.Select(Gen.Int[0, AgentCount - 1], s_number, (agent, number) => new OrderingConstraint(agent, number)).Array[0, 5];

    private static readonly Gen<DecodedEvent> s_event = Gen.Select(
        Gen.Int[1, 6], Gen.Bool, s_number, s_number, s_number, Gen.Byte.Array[0, 40], s_constraints, Gen.Int[0, 3],
        (kind, flag, first, second, place, bytes, constraints, rights) =>
        {
            var one = new StreamEvent
            {
                Kind = (EventKind)kind,
                Place = (rights & 1) != 0 ? PlaceKind.Count : PlaceKind.Exit,
                Position = place,
                Check = (byte)(first ^ second),
            };
            switch (one.Kind)
            {
                case EventKind.Elevation:
                    one.Frame = first;
                    one.NewRight = flag ? AccessRight.ReadWrite : AccessRight.Read;
                    return new DecodedEvent(one, constraints, []);
                case EventKind.Reduction:
                    one.Frame = first;
                    one.NewRight = flag ? AccessRight.Read : AccessRight.None;
                    one.OldRight = flag || (rights & 2) != 0 ? AccessRight.ReadWrite : AccessRight.Read;
                    return new DecodedEvent(one, [], []);
                case EventKind.Input:
                case EventKind.Asynchronous:
                    one.Code = (uint)first;
                    one.HasBytes = flag;
                    one.Value = flag ? 0 : second;
                    return new DecodedEvent(one, [], flag ? bytes : []);
                case EventKind.Digest:
                    one.Value = first;
                    one.HasBytes = flag;
                    return new DecodedEvent(one, [], flag ? bytes : []);
                default:
                    return new DecodedEvent(one, [], []);
            }
        });

    public static Gen<DecodedEvent[]> Stream { get; } = s_event.Array[0, 40].Select(LetSourcesGrow);

    private static DecodedEvent[] LetSourcesGrow(DecodedEvent[] events)
    {
        var sources = new ulong[AgentCount];
        return Array.ConvertAll(events, one => one with
        {
            Constraints = [.. one.Constraints.Select(constraint => constraint with
            {
                EventNumber = sources[constraint.Agent] += constraint.EventNumber >> 24,
            })],
        });
    }

    public static bool AreEqual(DecodedEvent one, DecodedEvent other) =>
        one.Event.Kind == other.Event.Kind && one.Event.IsSamePlace(other.Event) && one.Event.Check == other.Event.Check
        && one.Event.Frame == other.Event.Frame && one.Event.NewRight == other.Event.NewRight
        && (one.Event.Kind != EventKind.Reduction || one.Event.OldRight == other.Event.OldRight)
        && one.Event.Code == other.Event.Code && one.Event.Value == other.Event.Value
        && one.Event.HasBytes == other.Event.HasBytes
        && one.Constraints.AsSpan().SequenceEqual(other.Constraints) && one.Bytes.AsSpan().SequenceEqual(other.Bytes);

    public static int Room(DecodedEvent one) => EventEncoder.MaximumFixedBytes
        + (one.Constraints.Length * EventEncoder.MaximumConstraintBytes) + one.Bytes.Length;
}
