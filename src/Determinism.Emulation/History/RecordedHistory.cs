using System.Buffers.Binary;
using Determinism.Checkpoints;
using Determinism.Debugging;
using Determinism.Log;
using Determinism.Machine;
using Determinism.X86;

namespace Determinism.Emulation.History;

/// <summary>A recorded run of the sample machine as one sequence of instructions, for a debugger: replayed on the managed
/// machine.</summary>
/// <remarks>
/// <para>Any log will do that replays there: of the managed machine, or of KVM with the software counter. The order is that of
/// <see cref="Scheduling.ReplayTurns"/>; vCPU <c>n</c> is thread <c>n + 1</c>.</para>
/// <para>Going back replays from the last checkpoint of the log before, as far as they have been passed once; without any, from the
/// start.</para>
/// <para>Not thread-safe; see <see cref="IHistory"/>.</para>
/// </remarks>
public sealed partial class RecordedHistory : IHistory, IDisposable
{
    // General registers as the debugger orders them, by their encodings.
    private static readonly int[] s_encodings = [0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15];

    private readonly IEventLogReader _log;
    private readonly MachineConfiguration _configuration;
    private readonly CheckpointTrail _trail;
    private LinearReplay _replay;

    /// <summary>Opens a recording; the history stands at its beginning.</summary>
    /// <param name="log">The log; of one that was cut short, the part that can be replayed. It stays the caller's, and open.</param>
    /// <exception cref="LogDamagedException">The log cannot be read, or is not one of the sample machine.</exception>
    /// <exception cref="ReplayRefusedException">The managed machine cannot replay it.</exception>
    /// <exception cref="DebugTargetException">The replay failed before its first instruction.</exception>
    public RecordedHistory(IEventLogReader log)
    {
        ArgumentNullException.ThrowIfNull(log);
        _log = log.IsComplete ? log : ClosedLog.Of(log);
        _configuration = MachineConfiguration.ReadFrom(_log);
        _trail = new CheckpointTrail(LogCheckpoints.ReadFrom(_log));
        _replay = Begin(CheckpointTrail.Start, 0);
    }

    private RecordedHistory(RecordedHistory other)
    {
        _log = other._log;
        _configuration = other._configuration;
        _trail = other._trail;
        _replay = Begin(CheckpointTrail.Start, 0);
    }

    /// <inheritdoc />
    public TargetDescription Description => TargetDescription.X64;

    /// <inheritdoc />
    public ulong Position => _replay.Position;

    /// <inheritdoc />
    public int NextThread => _replay.NextVcpu < 0 ? 0 : ThreadOf(_replay.NextVcpu);

    /// <inheritdoc />
    public ulong NextAddress => _replay.NextVcpu < 0 ? 0 : Processors.Registers(_replay.NextVcpu).Rip;

    /// <inheritdoc />
    public IReadOnlyList<DebugThread> Threads
    {
        get
        {
            var threads = new DebugThread[_configuration.VcpuCount];
            for (int vcpu = 0; vcpu < threads.Length; vcpu++)
                threads[vcpu] = new DebugThread(ThreadOf(vcpu), Describe(vcpu));
            return threads;
        }
    }

    /// <summary>The recorded machine's configuration, with the guest's program.</summary>
    public MachineConfiguration Configuration => _configuration;

    /// <summary>The machine as it is now; another one after going back. To be read only.</summary>
    public GuestMachine Machine => _replay.Machine;

    private IGuestProcessors Processors => _replay.Machine.Processors;

    /// <inheritdoc />
    public void Advance(ulong limit, IHistoryObserver? observer, CancellationToken cancellationToken)
    {
        ulong from = Position;
        try
        {
            _replay.Advance(limit, observer, cancellationToken);
        }
        catch (DeterminismException error)
        {
            Restart(CheckpointTrail.Start, 0);
            throw new DebugTargetException($"The replay failed behind step {from}, and stands at its beginning again. {error.Message}", error);
        }
    }

    /// <inheritdoc />
    public void Seek(ulong position, CancellationToken cancellationToken)
    {
        (int index, ulong at) = _trail.LastUpTo(position);
        if (position < Position || at > Position)
            Restart(index, at);
        Advance(position, null, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc />
    public ulong CheckpointBefore(ulong position) => _trail.LastUpTo(position - 1).Position;

    /// <inheritdoc />
    public bool TryReadRegister(int thread, int register, Span<byte> destination)
    {
        ref X86Registers registers = ref Processors.Registers(thread - 1);
        destination.Clear();
        switch (register)
        {
            case < 16:
                BinaryPrimitives.WriteUInt64LittleEndian(destination, registers.Gpr[s_encodings[register]]);
                return true;
            case 16:
                BinaryPrimitives.WriteUInt64LittleEndian(destination, registers.Rip);
                return true;
            case 17:
                BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)registers.Rflags);
                return true;
            case >= 40 and < 56:
                BinaryPrimitives.WriteUInt128LittleEndian(destination, registers.Xmm[register - 40]);
                return true;
            case 56:
                BinaryPrimitives.WriteUInt32LittleEndian(destination, registers.Mxcsr);
                return true;
            case 57 or 58:
                BinaryPrimitives.WriteUInt64LittleEndian(destination, register == 57 ? registers.FsBase : registers.GsBase);
                return true;
            default:
                // The machine has flat segments and no x87.
                return false;
        }
    }

    /// <inheritdoc />
    public int ReadMemory(ulong address, Span<byte> destination)
    {
        GuestMemory memory = Processors.Memory;
        if (address >= memory.Size)
            return 0;
        int count = (int)Math.Min((ulong)destination.Length, memory.Size - address);
        memory.Slice(address, count).CopyTo(destination);
        return count;
    }

    /// <summary>Where a checkpoint was met; null if it was not yet.</summary>
    internal ulong? FindPosition(Checkpoint checkpoint) => _trail.FindPosition(checkpoint);

    /// <summary>Ends the replay.</summary>
    public void Dispose() => _replay.Dispose();

    internal static int ThreadOf(int vcpu) => vcpu + 1;

    private void Restart(int checkpoint, ulong position)
    {
        _replay.Dispose();
        _replay = Begin(checkpoint, position);
    }

    private LinearReplay Begin(int checkpoint, ulong position)
    {
        var replay = new LinearReplay(_configuration, _log, _trail, checkpoint, position);
        try
        {
            replay.Advance(position, null, CancellationToken.None);
            return replay;
        }
        catch (DeterminismException error)
        {
            replay.Dispose();
            throw new DebugTargetException("The replay does not come to its first instruction. " + error.Message, error);
        }
    }

    private string Describe(int vcpu)
    {
        ulong rip = Processors.Registers(vcpu).Rip;
        string place = rip == 0 ? "not started" : _configuration.Image.NameOf(rip);
        return $"vCPU {vcpu}, {place}, after event {_replay.Session.Agent(vcpu).CompletedEvents}";
    }
}
