using System.IO.Hashing;
using System.Runtime.InteropServices;
using Determinism.Debugging;
using Determinism.Emulation.History;
using Determinism.Machine;
using Determinism.TimeTravel.Tests.Support;
using Determinism.X86;

namespace Determinism.TimeTravel.Tests.Histories;

/// <summary>A recording walked once from its beginning, at most so far: what every position is like.</summary>
internal sealed class StraightWalk : IHistoryObserver
{
    // So many positions apart, all of memory is digested.
    private const int Sparse = 97;

    private readonly RecordedHistory _history;
    private readonly List<ulong> _registers = [];
    private readonly Dictionary<ulong, StateDigest> _states = [];
    private readonly List<HistoryAccess[]> _accesses = [];

    private StraightWalk(RecordedHistory history)
    {
        _history = history;
        Look();
    }

    /// <summary>By position, the thread that is next; 0 at the end.</summary>
    public List<int> Threads { get; } = [];

    /// <summary>By position, the address of its instruction.</summary>
    public List<ulong> Addresses { get; } = [];

    public int Length => _accesses.Count;

    public static StraightWalk Of(Recorded recorded, ulong limit)
    {
        using var history = new RecordedHistory(recorded.Log);
        var walk = new StraightWalk(history);
        history.Advance(limit, walk, CancellationToken.None);
        return walk;
    }

    /// <summary>What a step touched.</summary>
    public IReadOnlyList<HistoryAccess> Accesses(int step) => _accesses[step];

    public bool Taken(in HistoryStep step)
    {
        _accesses.Add(step.Accesses.ToArray());
        Look();
        return false;
    }

    /// <summary>Says how a history differs from what it was here; null if it does not.</summary>
    public string? FindDifference(RecordedHistory history)
    {
        int position = (int)history.Position;
        if (history.NextThread != Threads[position] || (history.NextThread != 0 && history.NextAddress != Addresses[position]))
            return $"at {position}, thread {history.NextThread} at 0x{history.NextAddress:x} is next instead of {Threads[position]} at 0x{Addresses[position]:x}";
        if (RegistersOf(history) != _registers[position])
            return $"at {position}, registers differ";
        return _states.TryGetValue(history.Position, out StateDigest state) && StateDigest.Of(history.Machine) != state
            ? $"at {position}, {StateDigest.Of(history.Machine)} instead of {state}"
            : null;
    }

    private void Look()
    {
        Threads.Add(_history.NextThread);
        Addresses.Add(_history.NextThread == 0 ? 0 : _history.NextAddress);
        _registers.Add(RegistersOf(_history));
        if (_history.Position % Sparse == 0)
            _states.Add(_history.Position, StateDigest.Of(_history.Machine));
    }

    private static ulong RegistersOf(RecordedHistory history)
    {
        var hash = new XxHash3();
        Span<byte> state = stackalloc byte[Marshal.SizeOf<X86Registers>()];
        for (int vcpu = 0; vcpu < history.Configuration.VcpuCount; vcpu++)
            hash.Append(state[..history.Machine.Processors.CaptureState(vcpu, state)]);
        return hash.GetCurrentHashAsUInt64();
    }
}
