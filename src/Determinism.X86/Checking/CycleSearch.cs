namespace Determinism.X86;

/// <summary>Refuses cycles of control flow and of calls that no poll stands in.</summary>
/// <remarks>
/// A program that runs for ever on a finite stack either returns from all but finitely many of its calls, and then goes
/// round a cycle in which a call is a step to the instruction after it; or it does not, and then goes round a cycle some of
/// whose steps enter a called function. Polls taken out, neither graph may have a cycle.
/// </remarks>
internal static class CycleSearch
{
    public static void Run(ReachableCode code, PollTable polls, RefusalList refusals)
    {
        int[] flow = StrongComponents.Find(new Graph(code, polls, followCalls: false));
        ReportFlow(code, flow, refusals);
        var graph = new Graph(code, polls, followCalls: true);
        ReportCalls(code, graph, StrongComponents.Find(graph), refusals);
    }

    // One refusal a component, at its lowest address.
    private static void ReportFlow(ReachableCode code, int[] components, RefusalList refusals)
    {
        var lowest = new Dictionary<int, int>();
        for (int index = 0; index < code.Count; index++)
        {
            int component = components[index];
            if (component != StrongComponents.NoCycle
                && (!lowest.TryGetValue(component, out int first) || code[index].IP < code[first].IP))
                lowest[component] = index;
        }
        foreach (int index in lowest.Values)
            refusals.Add(CodeRefusalKind.CycleWithoutPoll, code[index], "is on a cycle of control flow without a poll");
    }

    private static void ReportCalls(ReachableCode code, Graph graph, int[] components, RefusalList refusals)
    {
        var lowest = new Dictionary<int, int>();
        for (int index = 0; index < code.Count; index++)
        {
            int component = components[index];
            int called = graph.Called(index);
            if (called == ReachableCode.None || component == StrongComponents.NoCycle || components[called] != component)
                continue;
            if (!lowest.TryGetValue(component, out int first) || code[index].IP < code[first].IP)
                lowest[component] = index;
        }
        foreach (int index in lowest.Values)
            refusals.Add(CodeRefusalKind.CallCycleWithoutPoll, code[index],
                code.IsIndirectCall(index)
                    ? "is on a cycle of calls without a poll, if it calls what leads back to it"
                    : "is on a cycle of calls without a poll");
    }

    /// <summary>The instructions but for polls, and one more node that stands for whatever a register may call.</summary>
    internal sealed class Graph(ReachableCode code, PollTable polls, bool followCalls)
    {
        public int Count => code.Count + 1;

        private int Anything => code.Count;

        public int Called(int index) => index == Anything || !followCalls || polls.IsPoll(index) ? ReachableCode.None
            : code.IsIndirectCall(index) ? Anything : code.Callee(index);

        /// <summary>The successor of a number, or <see cref="ReachableCode.None"/> after the last.</summary>
        public int Successor(int index, int number)
        {
            if (index == Anything)
                return followCalls && number < code.Entries.Count ? code.Entries[number] : ReachableCode.None;
            if (polls.IsPoll(index))
                return ReachableCode.None;
            foreach (int successor in (ReadOnlySpan<int>)[code.Following(index), code.JumpTarget(index), Called(index)])
            {
                if (successor != ReachableCode.None && number-- == 0)
                    return successor;
            }
            return ReachableCode.None;
        }
    }
}
