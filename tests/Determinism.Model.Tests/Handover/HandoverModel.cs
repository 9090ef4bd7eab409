using System.Text;
using Determinism.Model.Tests.Checking;

namespace Determinism.Model.Tests.Handover;

/// <summary>
/// The handover protocol of docs/decisions/002 as a transition system: each step is one atomic action of the code
/// (a compare-and-swap, a flag, or a stretch under the gate that nobody outside can look into).
/// </summary>
internal sealed partial class HandoverModel : ITransitionSystem<MachineState>
{
    public const int FrameCount = 2;
    public const int MaxAgents = 4;

    private readonly Program[] _programs;
    private readonly Flaw _flaw;
    private readonly ViolationKind? _only;
    private readonly int _bypassBound;
    private readonly bool _order;
    private readonly Announcing _announcing;

    /// <param name="programs">One program per agent.</param>
    /// <param name="flaw">The bug to plant.</param>
    /// <param name="only">Look for this kind of violation alone.</param>
    /// <param name="bypassBound">Most grants to others on an awaited frame; 0 = not counted.</param>
    /// <param name="order">Keep the ghost for L2 and L4; without it the state spaces are smaller.</param>
    /// <param name="announcing">Whether requests are announced.</param>
    public HandoverModel(
        Program[] programs, Flaw flaw = Flaw.None, ViolationKind? only = null, int bypassBound = 0, bool order = true,
        Announcing announcing = Announcing.Sometimes)
    {
        _announcing = announcing;
        _order = order;
        _programs = programs;
        _flaw = flaw;
        _only = only;
        _bypassBound = bypassBound;
    }

    /// <summary>When set, receives what each successor would log, one boundary entry after each successor.</summary>
    public List<JournalEntry>? Journal { get; set; }

    public int AgentCount => _programs.Length;

    public MachineState Initial
    {
        get
        {
            var state = default(MachineState);
            for (int a = 0; a < AgentCount; a++)
            {
                state.Agents[a].Covered = ushort.MaxValue;
                state.Agents[a].CoveredBefore = ushort.MaxValue;
                state.Agents[a].Knows = state.Agents[a].TrulyKnows = byte.MaxValue;
            }

            return state;
        }
    }

    public void AddSuccessors(in MachineState state, Successors<MachineState> successors)
    {
        for (int a = 0; a < AgentCount; a++)
        {
            var move = new Move(successors, Journal, a);
            switch (state.Agents[a].At)
            {
                case At.Guest: Guest(in state, move); break;
                case At.Accessing: Retire(state, move); break;
                case At.Polling: Poll(in state, move); break;
                case At.Faulted: Faulted(in state, move); break;
                case At.Raising: Raise(state, move); break;
                case At.AtGate: EnterGate(state, move); break;
                case At.Examining: Examine(state, move); break;
                case At.Hesitating: Ask(state, state.Examined, move); break;
                case At.Asking: Asking(state, move); break;
                case At.Reducing: Reduce(state, move); break;
                case At.Releasing: Release(state, move); break;
                case At.Leaving: Leave(state, move); break;
                case At.Looking: Look(state, move); break;
                case At.Serving: Serve(state, move); break;
                case At.Announced: Park(state, move); break;
                case At.Parking: LookParked(state, move); break;
                case At.Waking: Wake(state, move); break;
            }
        }
    }

    public bool IsFinal(in MachineState state)
    {
        for (int a = 0; a < AgentCount; a++)
        {
            if (state.Agents[a].At != At.Ended)
                return false;
        }

        return true;
    }

    public byte Pending(in MachineState state)
    {
        int pending = 0;
        for (int a = 0; a < AgentCount; a++)
            pending |= state.Agents[a].Instruction is Instruction.None or Instruction.Halt ? 0 : Bit(a);
        return (byte)pending;
    }

    public bool Discharges(Label label) => (Step)label.Step == Step.Retire;

    /// <summary>L1, on what the backends enforce, and the word against the backends.</summary>
    public Violation? Check(in MachineState state)
    {
        for (int f = 0; f < FrameCount; f++)
        {
            int readers = 0;
            int writers = 0;
            for (int a = 0; a < AgentCount; a++)
            {
                Right right = state.Agents[a].Rights[f];
                readers += right == Right.Read ? 1 : 0;
                writers += right == Right.ReadWrite ? 1 : 0;
                if (right != Right.None && (state.Frames[f].Holders & Bit(a)) == 0)
                    return Wrong(ViolationKind.Exclusion, $"{Name(a)} has a right to frame {f} that the frame word does not know");
            }

            if (writers > 1 || (writers == 1 && readers > 0))
                return Wrong(ViolationKind.Exclusion, $"frame {f} has {writers} writers and {readers} readers");
        }

        return null;
    }

    public string Describe(Label label)
    {
        var step = (Step)label.Step;
        string operand = step switch
        {
            Step.Access or Step.Fault or Step.Retire or Step.Discover => $" {(Instruction)label.Operand}",
            Step.FastGrant or Step.Elevate => $" frame {label.Operand}",
            Step.Claim or Step.Reduce or Step.Release or Step.Ask or Step.Kick or Step.Again => $" {Name(label.Operand)}",
            _ => "",
        };
        return $"{Name(label.Agent)} {step}{operand}";
    }

    public string Describe(in MachineState state)
    {
        var text = new StringBuilder();
        for (int a = 0; a < AgentCount; a++)
        {
            AgentState agent = state.Agents[a];
            text.Append($"{Name(a)}[{agent.Word} {agent.At} {agent.Instruction} rights {agent.Rights[0]},{agent.Rights[1]}");
            text.Append($" pins {agent.Pins} arrival {agent.Arrival}{(agent.Asked ? " Asked" : "")}{(agent.Armed ? " Armed" : "")}] ");
        }

        for (int f = 0; f < FrameCount; f++)
        {
            FrameWord word = state.Frames[f];
            text.Append($"f{f}[holders {word.Holders:b}{(word.Exclusive ? " exclusive" : "")}{(word.Reduced ? " reduced" : "")}] ");
        }

        return text.Append($"gate {(state.Gate == 0 ? "free" : Name(state.Gate - 1))}").ToString();
    }

    private static int Bit(int index) => 1 << index;

    private static string Name(int agent) => ((char)('A' + agent)).ToString();

    private Violation? Wrong(ViolationKind kind, string message) =>
        _only is null || _only == kind ? new Violation(kind, message) : null;

    /// <summary>Adds the steps of one agent.</summary>
    private readonly record struct Move(Successors<MachineState> Successors, List<JournalEntry>? Journal, int Agent)
    {
        public void Add(Step step, in MachineState next, Violation? violation = null) => Add(step, 0, in next, violation);

        public void Add(Step step, int operand, in MachineState next, Violation? violation = null)
        {
            Successors.Add(new Label(Agent, (int)step, operand), in next, violation);
            Journal?.Add(JournalEntry.Boundary);
        }
    }
}
