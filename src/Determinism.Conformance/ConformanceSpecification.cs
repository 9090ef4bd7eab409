namespace Determinism.Conformance;

/// <summary>What all specifications have in common: each fact ends, with a failure if what it looks at does not.</summary>
/// <remarks>Facts run on threads of their own. Like every test class, an instance runs one fact.</remarks>
public abstract class ConformanceSpecification
{
    // The longest wait of a fact is for six times the patience.
    private const int MostPatiences = 10;

    /// <summary>How long a call may take that nothing keeps waiting. A fact may take ten times as long.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(10);

    /// <summary>Runs a fact; if it fails or does not end, whatever it left waiting is told to give up.</summary>
    private protected void Within(Action fact)
    {
        TimeSpan limit = TimeSpan.FromTicks(MostPatiences * Patience.Ticks);
        Task run = Aside.Run(fact);
        bool isWell = false;
        try
        {
            Assert.True(Task.WaitAny([run], limit) == 0,
                $"The fact did not end within {limit}: a call does not return that nothing keeps waiting.");
            run.GetAwaiter().GetResult();
            isWell = true;
        }
        finally
        {
            // Aside: what hangs already may hang here too.
            if (!isWell)
                _ = Aside.Run(GiveUp);
        }
    }

    /// <summary>Ends the waits of threads that a fact has left behind.</summary>
    private protected virtual void GiveUp()
    {
    }
}
