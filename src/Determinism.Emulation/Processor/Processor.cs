using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Determinism.X86;

namespace Determinism.Emulation;

/// <summary>An x86-64 processor in 64-bit mode, interpreted: integer and SSE2 instructions on flat memory.</summary>
/// <remarks>
/// <para>
/// Several processors may share one memory, each on a thread of its own. A processor touches a frame only with the right
/// it has been given, tells the access that lacks one before anything of the instruction has happened, counts retired
/// instructions exactly and stops at any count.
/// </para>
/// <para>
/// All members except <see cref="RequestExit"/> and <see cref="ClearExitRequest"/> are for one thread at a time: the one that
/// runs the processor, or, while it is not inside <see cref="Run"/>, whoever has claimed it.
/// </para>
/// <para>
/// Locked instructions are the host's own atomic operations (16-byte ones take a lock that all processors of the process
/// share, and are atomic to each other only); aligned loads and stores of up to eight bytes are single accesses. Between
/// processors that run at once without the rights that keep them apart, the memory model is that of the host. Unaligned
/// locked operations need an x86 host.
/// </para>
/// </remarks>
internal sealed unsafe partial class Processor : IDisposable
{
    /// <summary>Rights of larger frames are kept for pieces of this size, so that data beside code stays fast.</summary>
    private const int LargestGranuleShift = 12;

    private readonly byte* _memory;
    private readonly ulong _memoryBytes;
    private readonly ulong _lowestAddress;
    private readonly int _pageShift;
    private readonly int _granuleShift;
    private readonly ulong _granuleBytes;
    private readonly ulong _granules;
    private readonly ulong _frames;
    private readonly byte* _rights;
    private readonly byte* _fastRights;
    private readonly CodeCache _cache;
    private readonly BlockBuilder _builder;
    private readonly SharedCode? _sharedCode;
    private readonly Func<ulong, bool>? _isCode;
    private readonly ProcessorState* _state;
    private readonly ulong[] _written = new ulong[8];
    private int _writtenCount;
    private ProcessorExit _exit;
    private bool _disposed;

    /// <summary>Creates a processor after reset, without any right.</summary>
    /// <param name="memory">Guest-physical memory, which has to outlive the processor.</param>
    /// <param name="memoryBytes">Its size: a positive multiple of the page size, or of 4096 if pages are larger.</param>
    /// <param name="pageShift">Binary logarithm of the page size, 6 to 30.</param>
    /// <param name="lowestAddress">Accesses below this address are bad: a multiple of the page size, or of 4096 if pages are
    /// larger; 0 to allow all.</param>
    /// <param name="sharedCode">What keeps the code caches of processors coherent that can write to the same memory at the same
    /// time; none if rights keep them apart.</param>
    /// <param name="isCode">Says whether an address may be executed, for whole pages of 4096 bytes; none if all may.</param>
    /// <exception cref="ArgumentException">A size or shift is out of range, or <paramref name="memory"/> is null.</exception>
    public Processor(byte* memory, ulong memoryBytes, int pageShift, ulong lowestAddress = 0, SharedCode? sharedCode = null,
        Func<ulong, bool>? isCode = null)
    {
        if (memory == null)
            throw new ArgumentNullException(nameof(memory));
        ArgumentOutOfRangeException.ThrowIfLessThan(pageShift, 6);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageShift, 30);
        _granuleShift = Math.Min(pageShift, LargestGranuleShift);
        _granuleBytes = 1UL << _granuleShift;
        if (memoryBytes == 0 || memoryBytes % _granuleBytes != 0 || memoryBytes >> _granuleShift >= uint.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(memoryBytes));
        if (lowestAddress % _granuleBytes != 0)
            throw new ArgumentOutOfRangeException(nameof(lowestAddress));

        _memory = memory;
        _memoryBytes = memoryBytes;
        _lowestAddress = lowestAddress;
        _pageShift = pageShift;
        _granules = memoryBytes >> _granuleShift;
        _frames = (memoryBytes + (1UL << pageShift) - 1) >> pageShift;
        _rights = (byte*)NativeMemory.AllocZeroed((nuint)_frames);
        _fastRights = (byte*)NativeMemory.AllocZeroed((nuint)_granules);
        _cache = new CodeCache(_granules, CodeChanged);
        _state = _cache.State;
        _state->Registers = X86Registers.Reset;
        _builder = new BlockBuilder(this, _cache);
        _sharedCode = sharedCode;
        _isCode = isCode;
        sharedCode?.Join(this, _granules);
    }

    /// <summary>The registers; between runs RFLAGS is exact, during one nothing is.</summary>
    public ref X86Registers Registers => ref _state->Registers;

    /// <summary>
    /// Retired instructions. Each iteration of a repeated string instruction counts one, and so does one without iterations.
    /// </summary>
    public ulong Count { get; set; }

    /// <summary>PAUSE instructions executed: how much the guest has been spinning.</summary>
    public ulong PauseCount => _state->PauseCount;

    /// <summary>Number of frames.</summary>
    public ulong Frames => _frames;

    /// <summary>Binary logarithm of the page size.</summary>
    public int PageShift => _pageShift;

    /// <summary>The right that this processor has to a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <returns>The right last set.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public AccessRight GetRight(ulong frame)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, _frames);
        return _rights[frame] switch
        {
            0 => AccessRight.None,
            MayLoad => AccessRight.Read,
            _ => AccessRight.ReadWrite,
        };
    }

    /// <summary>Sets the right that this processor has to a frame. Without any, it forgets code cached from there.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="right">The right.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public void SetRight(ulong frame, AccessRight right)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, _frames);
        _rights[frame] = Bits(right);
        var first = frame << (_pageShift - _granuleShift);
        var end = Math.Min((frame + 1) << (_pageShift - _granuleShift), _granules);
        for (var granule = first; granule < end; granule++)
        {
            if (right == AccessRight.None)
                _cache.Drop(granule);
            RefreshGranule(granule);
        }
    }

    /// <summary>Sets the right that this processor has to every frame.</summary>
    /// <param name="right">The right.</param>
    public void SetAllRights(AccessRight right)
    {
        for (ulong frame = 0; frame < _frames; frame++)
            SetRight(frame, right);
    }

    /// <summary>Forgets code cached from a range of memory that somebody other than a processor has written to.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="bytes">Number of bytes; what is outside memory is ignored.</param>
    public void ForgetCode(ulong address, ulong bytes)
    {
        if (bytes == 0 || address >= _memoryBytes)
            return;
        var last = Math.Min(address + Math.Min(bytes, _memoryBytes - address), _memoryBytes) - 1;
        for (var granule = address >> _granuleShift; granule <= last >> _granuleShift; granule++)
            _cache.Drop(granule);
    }

    /// <summary>Runs until the count is reached or something else ends it. Allocates nothing except for a message.</summary>
    /// <param name="stopAt">The count at which to stop, never passed: at least <see cref="Count"/>.</param>
    /// <returns>Why it came back.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="stopAt"/> is passed already.</exception>
    /// <exception cref="ObjectDisposedException">The processor has been disposed of.</exception>
    public ProcessorExit Run(ulong stopAt)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(stopAt, Count);
        if (stopAt == Count)
            return default;
        var budget = (long)Math.Min(stopAt - Count, long.MaxValue);
        _sharedCode?.Enter(this);
        _exit = default;
        var reason = Interpret(budget);
        Count += (ulong)(budget - _state->Budget);
        Flags.Materialize(_state);
        if ((Volatile.Read(ref _state->Attention) & Attention.CodeWritten) != 0)
            SpreadWrittenCode();
        IsInside = false;
        return reason is ProcessorExitReason.Stopped or ProcessorExitReason.Requested ? new ProcessorExit(reason, default, 0, null) : _exit;
    }

    /// <summary>Makes <see cref="Run"/> come back at the next block entry, and at once from then on. Any thread may call it.</summary>
    public void RequestExit() => Interlocked.Or(ref _state->Attention, Attention.ExitRequested);

    /// <summary>Takes back <see cref="RequestExit"/>. Any thread may call it.</summary>
    public void ClearExitRequest() => Interlocked.And(ref _state->Attention, ~Attention.ExitRequested);

    /// <summary>Releases unmanaged memory, guest memory excepted. Not while the processor runs.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _sharedCode?.Quit(this);
        _cache.Dispose();
        NativeMemory.Free(_rights);
        NativeMemory.Free(_fastRights);
    }
}
