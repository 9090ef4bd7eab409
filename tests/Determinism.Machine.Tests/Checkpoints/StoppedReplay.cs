using Determinism.Checkpoints;
using Determinism.Replaying;

namespace Determinism.Machine.Tests.Checkpoints;

/// <summary>A replay that is stopped at a cut, to be looked at.</summary>
internal sealed class StoppedReplay : IDisposable
{
    private readonly Thread _thread;

    public StoppedReplay(IEventLogReader log, Cut until, Checkpoint? from = null, IMachineBackend? backend = null)
    {
        Machine = MachineRunner.NewMachine(MachineConfiguration.ReadFrom(log), backend);
        Session = MachineRuns.StartReplay(Machine, log, options => options with { From = from, Until = until });
        _thread = new Thread(() =>
        {
            try
            {
                Machine.Run(Session);
            }
            catch (DeterminismException error)
            {
                Error = error;
            }
        });
        _thread.Start();
        if (!Session.WaitForCut())
        {
            _thread.Join();
            Session.Dispose();
            Machine.Dispose();
            throw Error ?? new DeterminismException("The replay ended before the cut.");
        }
    }

    public GuestMachine Machine { get; }

    public ReplaySession Session { get; }

    public DeterminismException? Error { get; private set; }

    public MachineState State => MachineState.Capture(Machine);

    /// <summary>Every right of every agent, frame by frame.</summary>
    public string Rights
    {
        get
        {
            var held = new List<string>();
            for (int agent = 0; agent < Session.Shape.AgentCount; agent++)
            {
                for (ulong frame = 0; frame < Session.Shape.FrameCount; frame++)
                {
                    if (Session.RightOf(agent, frame) is not AccessRight.None and var right)
                        held.Add($"{agent}:{frame:X}:{right}");
                }
            }
            return string.Join(' ', held);
        }
    }

    /// <summary>Says how another stopped replay differs; null if it does not.</summary>
    public string? FindDifference(StoppedReplay other) => State.FindDifference(other.State)
        ?? (Rights == other.Rights ? null : $"rights: {Rights}\nagainst {other.Rights}")
        ?? (Machine.ExitCodes.SequenceEqual(other.Machine.ExitCodes) ? null : "exit codes");

    public MachineState GoToEnd()
    {
        Session.GoToEnd();
        _thread.Join();
        return Error is null ? State : throw Error;
    }

    public void Dispose()
    {
        Session.Cancel();
        _thread.Join();
        Session.Dispose();
        Machine.Dispose();
    }
}
