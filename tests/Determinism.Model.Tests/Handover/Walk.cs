using Determinism.Model.Tests.Checking;

namespace Determinism.Model.Tests.Handover;

/// <summary>One long random run of the model, as a history.</summary>
internal static class Walk
{
    public static History Take(HandoverModel model, Random random, int steps, int numberError = 0)
    {
        var history = new History(model.AgentCount, numberError);
        var journal = new List<JournalEntry>();
        var successors = new Successors<MachineState>();
        MachineState state = model.Initial;
        model.Journal = journal;
        for (int i = 0; i < steps; i++)
        {
            journal.Clear();
            successors.Clear();
            model.AddSuccessors(in state, successors);
            if (successors.Count == 0)
                break;
            int pick = random.Next(successors.Count);
            int boundaries = 0;
            foreach (JournalEntry entry in journal)
            {
                if (entry.Kind == JournalKind.Boundary)
                    boundaries++;
                else if (boundaries == pick)
                    history.Add(entry);
            }

            state = successors[pick].State;
        }

        return history;
    }
}
