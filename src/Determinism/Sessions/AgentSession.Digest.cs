using System.IO.Hashing;
using Determinism.Log;
using Determinism.Sessions;

namespace Determinism;

/// <content>Where the agent's events stand, and the running digest that goes along with them (law L8).</content>
public abstract partial class AgentSession
{
    private const int LargestHashedFrame = 1 << 16;

    private protected RunningDigest Digest;
    private readonly byte[] _state;
    private byte[]? _frame;
    private PlaceKind _mixedPlace = PlaceKind.Same;
    private ulong _mixedPosition;
    private ulong _preparedState;
    private bool _isPrepared;

    private protected void SetPlace()
    {
        // A count that does not move between two synchronous exits does not tell them apart.
        bool isByOrdinal = IsVcpu && !StopsAnywhere && LastExit == ExitKind.Synchronous;
        Place = isByOrdinal ? PlaceKind.Exit : PlaceKind.Count;
        Position = Place == PlaceKind.Exit ? ExitCount : Point.Count;
    }

    /// <summary>Takes a digest of the vCPU's state before somebody else may act on it.</summary>
    private protected void PrepareState()
    {
        if (_mixedPlace == Place && _mixedPosition == Position)
            return;
        _preparedState = CaptureState();
        _isPrepared = true;
    }

    private protected void ForgetPreparedState() => _isPrepared = false;

    /// <summary>Mixes an event into the running digest, with the state that it happened in where that is not in it yet.</summary>
    private protected byte MixEvent(in StreamEvent one, ReadOnlySpan<byte> bytes)
    {
        if (_mixedPlace != Place || _mixedPosition != Position)
        {
            Digest.Mix(_isPrepared ? _preparedState : CaptureState());
            Digest.Mix(Position);
            _mixedPlace = Place;
            _mixedPosition = Position;
        }
        // Of itself a digest says only that it is there, so that a missing one is missed.
        if (one.Kind == EventKind.Digest)
        {
            Digest.Mix((ulong)one.Kind << 56);
            return Digest.Fold();
        }
        Digest.Mix(((ulong)one.Kind << 56) ^ ((ulong)one.NewRight << 48) ^ ((ulong)one.Code << 8) ^ one.Frame);
        if (one.Kind is EventKind.Input or EventKind.Asynchronous)
            Digest.Mix(one.Value);
        if (one.HasBytes)
            Digest.Mix(bytes);
        // While another may have the machine to itself, the content is not the loser's.
        if (one.Kind == EventKind.Reduction && one.OldRight == AccessRight.ReadWrite && BatonRight != AccessRight.None)
            MixFrame(one.Frame);
        return Digest.Fold();
    }

    /// <summary>The vCPU's whole state; valid until the next call.</summary>
    private protected ReadOnlySpan<byte> ReadState() =>
        IsVcpu ? _state.AsSpan(0, Backend.CaptureState(Id, _state)) : default;

    private protected ulong CaptureState() => IsVcpu ? XxHash3.HashToUInt64(ReadState()) : 0;

    // The loser had the frame to itself: what it left there follows from its own stream alone.
    private void MixFrame(ulong frame)
    {
        MachineShape shape = Session.Shape;
        int size = 1 << shape.PageShift;
        if (frame >= shape.RamFrameCount || size > LargestHashedFrame)
            return;
        _frame ??= new byte[size];
        ulong address = frame << shape.PageShift;
        Span<byte> content = _frame.AsSpan(0, (int)Math.Min((ulong)size, shape.MemoryBytes - address));
        Backend.ReadMemory(address, content);
        Digest.Mix(content);
    }
}
