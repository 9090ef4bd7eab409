using CustomBackend.Machine;
using Determinism;
using Determinism.Log;
using Determinism.Recording;
using Determinism.Replaying;

namespace CustomBackend;

/// <summary>A recorded run of a guest, which can be replayed.</summary>
public sealed class Recording
{
    private const string Guest = "race";

    private readonly GuestProgram _program;
    private readonly MemoryEventLog _log;
    private readonly int _cpus;

    private Recording(GuestProgram program, int cpus, MemoryEventLog log, BytecodeVm vm)
    {
        (_program, _cpus, _log, Vm) = (program, cpus, log, vm);
    }

    /// <summary>The machine after the run.</summary>
    public BytecodeVm Vm { get; }

    public long LogBytes => _log.EventBytes;

    public static Recording Make(GuestProgram program, int cpus)
    {
        var vm = new BytecodeVm(program, cpus);
        var log = new MemoryEventLog(cpus);
        var codePages = new FrameRange(
            program.Start >> PagedMemory.PageShift, ((ulong)program.Code.Length >> PagedMemory.PageShift) + 1);
        using RecordingSession session = RecordingSession.Start(vm.Backend, vm.Shape, log, new RecordingOptions
        {
            Time = TimeProvider.System, Guest = Guest, InitialState = vm.InitialState, SharedFrames = [codePages],
        });
        vm.Run(session);
        return new Recording(program, cpus, log, vm);
    }

    /// <summary>Runs it without a log: what recording is compared with.</summary>
    public static BytecodeVm RunUnrecorded(GuestProgram program, int cpus)
    {
        var vm = new BytecodeVm(program, cpus);
        using UnrecordedSession session = UnrecordedSession.Start(vm.Backend, vm.Shape);
        vm.Run(session);
        return vm;
    }

    /// <summary>Replays it on a new machine.</summary>
    /// <param name="withholdConstraints">As a control: without the order of accesses.</param>
    public BytecodeVm Replay(bool withholdConstraints = false)
    {
        var vm = new BytecodeVm(_program, _cpus);
        using ReplaySession session = ReplaySession.Start(vm.Backend, _log, new ReplayOptions
        {
            Guest = Guest, InitialState = vm.InitialState, Shape = vm.Shape, WithholdConstraints = withholdConstraints,
        });
        vm.Run(session);
        return vm;
    }
}
