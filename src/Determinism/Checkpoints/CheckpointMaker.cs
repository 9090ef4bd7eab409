using Determinism.FlightRecording;
using Determinism.Log;
using Determinism.Recording;

namespace Determinism.Checkpoints;

/// <summary>Makes the checkpoints of a recording: stops the machine, copies what has changed, lets it go on, and only then
/// writes.</summary>
/// <remarks>Any thread but an agent's; one checkpoint at a time.</remarks>
internal sealed class CheckpointMaker
{
    private readonly object _making = new();
    private readonly RecordingSession _session;
    private readonly RecordingOptions _recording;
    private readonly ICheckpointState _machine;
    private readonly FlightRecorder? _recorder;
    private readonly GrowingBuffer _state = new();
    private readonly GrowingBuffer _block = new();
    private readonly Dictionary<PieceHash, ulong> _contents = new() { [Pieces.ZeroHash] = Pieces.Zeros };
    private ulong _nextContent = 1;
    private int _count;
    private long _bytes;
    private TimeSpan _longestPause;
    private TimeSpan _longestStop;

    /// <param name="session">The recording.</param>
    /// <param name="recording">How it is made.</param>
    /// <param name="isWhole">Whether the first checkpoint has all of memory (<see cref="WriteStart"/>), not what has changed.</param>
    public CheckpointMaker(RecordingSession session, RecordingOptions recording, bool isWhole)
    {
        _session = session;
        _recording = recording;
        _machine = recording.Kept!;
        _recorder = recording.Checkpoints?.Recorder;
        Changes = new MemoryChanges(session.Backend, session.Shape, recording.SharedFrames, isWhole);
    }

    public MemoryChanges Changes { get; }

    /// <summary>Checkpoints made; read with <see cref="Bytes"/> and <see cref="LongestPause"/>, each for itself.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes of their blocks, before compression.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The longest time from the wish for a checkpoint until everybody could go on.</summary>
    public TimeSpan LongestPause
    {
        get
        {
            lock (_making)
                return _longestPause;
        }
    }

    /// <summary>The longest part of a pause in which everybody stood still.</summary>
    public TimeSpan LongestStop
    {
        get
        {
            lock (_making)
                return _longestStop;
        }
    }

    /// <summary>Makes the one that the log begins at. Before anybody runs.</summary>
    public void WriteStart()
    {
        AgentCheckpoint[] agents = Array.ConvertAll(_session.Agents, static agent => agent.TakeDown());
        _machine.Save(_state);
        Write(agents);
        Changes.Forget();
    }

    /// <summary>Makes one.</summary>
    /// <returns>Its number; 0 if the recording is over.</returns>
    public int Make()
    {
        lock (_making)
        {
            TimeProvider time = _recording.Time;
            long asked = time.GetTimestamp();
            AgentCheckpoint[] agents;
            try
            {
                if (!_session.Still.TryHold(_session.KickAll, _recording.AnswerTimeout, time))
                    return 0;
                long stopped = time.GetTimestamp();
                agents = Array.ConvertAll(_session.Agents, static agent => agent.TakeDown());
                _state.Clear();
                _machine.Save(_state);
                Changes.Search();
                // What can be written without another elevation.
                _session.NoteWriters();
                _longestStop = Later(_longestStop, time.GetElapsedTime(stopped));
            }
            finally
            {
                _session.Still.Release();
                _longestPause = Later(_longestPause, time.GetElapsedTime(asked));
            }
            Write(agents);
            return Count;
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void Write(AgentCheckpoint[] agents)
    {
        if (_session.Plant == Plant.CheckpointEventOffByOne)
            agents[0] = agents[0] with { Position = agents[0].Position with { Events = agents[0].Position.Events + 1 } };
        bool isWhole = TryBeWhole(out IReadOnlyList<MemoryPiece> pieces);
        ulong first = _nextContent;
        var stored = new List<(int Memory, int State)>();
        var memory = new PieceContent[pieces.Count];
        for (int index = 0; index < memory.Length; index++)
        {
            memory[index] = new PieceContent(pieces[index].Piece, NumberOf(pieces[index].Hash, out bool isNew));
            if (isNew)
                stored.Add((index, -1));
        }
        var state = new ulong[Pieces.CountOf((ulong)_state.Length)];
        int length = _state.Length;
        // The last piece is filled up with zeros.
        int padding = (state.Length * Pieces.Bytes) - length;
        _state.GetSpan(padding).Slice(0, padding).Clear();
        _state.Advance(padding);
        for (int index = 0; index < state.Length; index++)
        {
            state[index] = NumberOf(PieceHash.Of(StatePiece(index)), out bool isNew);
            if (isNew)
                stored.Add((-1, index));
        }

        var content = new CheckpointContent
        {
            Number = _count + 1, IsWhole = isWhole, Agents = agents, Memory = memory, State = state, StateBytes = length,
            FirstContent = first, StoredPieces = stored.Count,
        };
        _block.Clear();
        CheckpointWriter.Write(_block, content);
        foreach ((int fromMemory, int fromState) in stored)
            _block.Write(fromMemory >= 0 ? pieces[fromMemory].Content : StatePiece(fromState));
        if (isWhole)
            _recorder!.AppendWhole(content, _block);
        else
            _session.Log.AppendBlock(BlockKind.Checkpoint, _block.Written);
        Volatile.Write(ref _bytes, _bytes + _block.Length);
        Volatile.Write(ref _count, _count + 1);
    }

    // While all run: what is whole is read back from the log.
    private bool TryBeWhole(out IReadOnlyList<MemoryPiece> pieces)
    {
        pieces = Changes.Found;
        if (_recorder is not { IsWholeDue: true })
            return false;
        if (_count > 0)
        {
            if (_recorder.Read(log => WholeMemory.Read(log, _count, Changes.Found, _state.Length)) is not { } all)
            {
                _recorder.TellTooLarge();
                return false;
            }
            if (_session.Plant == Plant.ForgetPieceOfWhole)
                all.RemoveAt(all.Count / 2);
            pieces = all;
        }
        // What comes before it may be dropped: nothing may refer to that any more.
        if (_session.Plant != Plant.ReferToDropped)
        {
            _contents.Clear();
            _contents.Add(Pieces.ZeroHash, Pieces.Zeros);
        }
        return true;
    }

    private ReadOnlySpan<byte> StatePiece(int index) => _state.Written.Slice(index * Pieces.Bytes, Pieces.Bytes);

    private ulong NumberOf(PieceHash hash, out bool isNew)
    {
        isNew = !_contents.TryGetValue(hash, out ulong number);
        if (isNew)
            _contents.Add(hash, number = _nextContent++);
        return number;
    }
}
