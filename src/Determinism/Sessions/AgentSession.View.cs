using Determinism.Sessions;

namespace Determinism;

/// <content>What a vCPU sees of memory while vCPUs take turns: everything while it has the machine to itself, otherwise the
/// frames that it holds. The same in recording and replay, since the baton's events are in the stream.</content>
public abstract partial class AgentSession
{
    /// <summary>Whether the vCPU's view of memory is open as a whole: then rights are kept, but not applied. Written by the
    /// vCPU's thread out of the guest; read by whoever acts for it.</summary>
    internal bool IsViewOpen { get; private set; }

    /// <summary>The agent's right to the baton.</summary>
    private protected abstract AccessRight BatonRight { get; }

    /// <summary>The frames that the agent holds, ascending, none twice.</summary>
    private protected abstract IEnumerable<FrameRequest> HeldFrames { get; }

    /// <summary>Opens or closes the view, if the baton has changed since the vCPU entered last.</summary>
    /// <returns>Whether that was so.</returns>
    private protected bool FitView()
    {
        bool isAlone = BatonRight == AccessRight.ReadWrite;
        if (isAlone == IsViewOpen)
            return false;
        if (isAlone)
            Session.SetRights(Id, 0, Session.Shape.RamFrameCount, AccessRight.ReadWrite);
        IsViewOpen = isAlone;
        if (!isAlone)
            CloseView();
        return true;
    }

    // What it holds to write stays as it is.
    private void CloseView()
    {
        var runs = new RightRuns(Session, Id);
        ulong frames = Session.Shape.RamFrameCount;
        ulong next = 0;
        foreach (FrameRequest held in HeldFrames)
        {
            if (held.Frame >= frames)
                break;
            runs.Add(next, held.Frame - next, AccessRight.None);
            if (held.Right != AccessRight.ReadWrite)
                runs.Add(held.Frame, 1, held.Right);
            next = held.Frame + 1;
        }
        runs.Add(next, frames - next, AccessRight.None);
        runs.End();
    }
}
