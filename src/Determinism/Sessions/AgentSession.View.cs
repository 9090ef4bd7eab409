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

    /// <summary>The frames that the agent holds, ascending.</summary>
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
            RightRuns.Close(Session, Id, HeldFrames);
        return true;
    }
}
