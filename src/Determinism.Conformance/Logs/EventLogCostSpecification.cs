namespace Determinism.Conformance;

/// <summary>What an append costs (law L10). For logs of production; a double need not pass it.</summary>
public abstract class EventLogCostSpecification : ConformanceSpecification
{
    /// <summary>The log under test, empty.</summary>
    /// <param name="streamCount">Number of streams.</param>
    protected abstract IEventLog Create(int streamCount);

    /// <summary>An event is appended at every fault and every input.</summary>
    [Fact]
    public void An_append_allocates_nothing_while_its_buffer_has_room() => Within(() =>
    {
        using IEventLog log = Create(1);
        var one = new byte[16];
        log.Append(0, one);
        // A buffer may be renewed now and then: the least of several rounds has none of that.
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (int index = 0; index < 100; index++)
                log.Append(0, one);
        }));
    });
}
