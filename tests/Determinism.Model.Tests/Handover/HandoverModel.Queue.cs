using Determinism.Model.Tests.Checking;

namespace Determinism.Model.Tests.Handover;

/// <summary>Who waits, in which order, asleep or awake. All of it under the gate.</summary>
internal sealed partial class HandoverModel
{
    private void Arrive(ref MachineState t, int a)
    {
        int highest = 0;
        for (int r = 0; r < AgentCount; r++)
            highest = Math.Max(highest, t.Agents[r].Arrival);
        t.Agents[a].Arrival = (byte)(highest + 1);
    }

    private void Depart(ref MachineState t, int a)
    {
        int arrival = t.Agents[a].Arrival;
        t.Agents[a].Arrival = 0;
        for (int r = 0; r < AgentCount; r++)
            t.Agents[r].Arrival -= (byte)(t.Agents[r].Arrival > arrival ? 1 : 0);
    }

    private int WaiterAt(in MachineState t, int arrival)
    {
        for (int r = 0; r < AgentCount; r++)
        {
            if (t.Agents[r].Arrival == arrival)
                return r;
        }

        return -1;
    }

    private bool IsBehindAnother(in MachineState t, int a, int f)
    {
        for (int r = 0; r < AgentCount; r++)
        {
            int arrival = t.Agents[r].Arrival;
            if (arrival != 0 && arrival < t.Agents[a].Arrival && TurnFrame(in t.Agents[r], r) == f)
                return true;
        }

        return false;
    }

    /// <summary>Sleeps, if it is parked; otherwise it parks first.</summary>
    private void WaitInQueue(ref MachineState t, int a)
    {
        bool mustPark = IsAnnouncing(in t.Agents[a]) && _flaw != Flaw.SleepsUnparked;
        Sleep(ref t, a);
        if (mustPark)
            t.Agents[a].At = At.Announced;
    }

    private static void Sleep(ref MachineState t, int a)
    {
        t.Gate = 0;
        ForgetHolders(ref t);
        t.Agents[a].At = At.Asleep;
    }

    private void LeaveGate(ref MachineState t, int a)
    {
        t.Gate = 0;
        ForgetHolders(ref t);
        Depart(ref t, a);
        t.Agents[a].Position = 0;
        t.Agents[a].At = At.Leaving;
        WakeAll(ref t);
    }

    private void WakeAll(ref MachineState t)
    {
        for (int r = 0; r < AgentCount; r++)
        {
            if (t.Agents[r].At == At.Asleep)
                t.Agents[r].At = At.AtGate;
        }
    }

    private Violation? CountBypass(ref MachineState t, int winner, int f)
    {
        Violation? violation = null;
        for (int r = 0; r < AgentCount && _bypassBound > 0; r++)
        {
            if (r == winner || t.Agents[r].Arrival == 0 || TurnFrame(in t.Agents[r], r) != f)
                continue;
            if (t.Agents[r].Bypassed == _bypassBound)
                violation = Wrong(ViolationKind.BypassBound, $"{Name(r)} was passed over more than {_bypassBound} times");
            else
                t.Agents[r].Bypassed++;
        }

        return violation;
    }
}
