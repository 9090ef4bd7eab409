namespace Determinism.X86;

/// <summary>The strongly connected components of a graph (Tarjan 1972), without recursion: code may be long.</summary>
internal static class StrongComponents
{
    /// <summary>For nodes that are on no cycle.</summary>
    public const int NoCycle = -1;

    /// <summary>For each node the number of its component, or <see cref="NoCycle"/>.</summary>
    public static int[] Find(CycleSearch.Graph graph)
    {
        var components = new int[graph.Count];
        Array.Fill(components, NoCycle);
        var order = new int[graph.Count]; // 0: not seen yet
        var lowest = new int[graph.Count];
        var isOpen = new bool[graph.Count];
        var open = new Stack<int>();
        var path = new Stack<(int Node, int Next)>();
        int seen = 0;

        for (int root = 0; root < graph.Count; root++)
        {
            if (order[root] == 0)
                Enter(root);
            while (path.TryPop(out (int Node, int Next) top))
            {
                int successor = graph.Successor(top.Node, top.Next);
                if (successor == ReachableCode.None)
                {
                    Leave(top.Node);
                    continue;
                }
                path.Push((top.Node, top.Next + 1));
                if (order[successor] == 0)
                    Enter(successor);
                else if (isOpen[successor])
                    lowest[top.Node] = Math.Min(lowest[top.Node], order[successor]);
            }
        }
        return components;

        void Enter(int node)
        {
            order[node] = lowest[node] = ++seen;
            isOpen[node] = true;
            open.Push(node);
            path.Push((node, 0));
        }

        void Leave(int node)
        {
            if (path.TryPeek(out (int Node, int Next) parent))
                lowest[parent.Node] = Math.Min(lowest[parent.Node], lowest[node]);
            if (lowest[node] != order[node])
                return;
            bool isCycle = open.Peek() != node || HasEdgeToItself(graph, node);
            int member;
            do
            {
                member = open.Pop();
                isOpen[member] = false;
                if (isCycle)
                    components[member] = node;
            }
            while (member != node);
        }
    }

    private static bool HasEdgeToItself(CycleSearch.Graph graph, int node)
    {
        for (int number = 0; graph.Successor(node, number) is var successor and not ReachableCode.None; number++)
        {
            if (successor == node)
                return true;
        }
        return false;
    }
}
