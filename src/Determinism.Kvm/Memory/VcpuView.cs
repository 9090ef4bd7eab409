using System.Runtime.InteropServices;
using Determinism.Kvm.Interop;
using Determinism.Machine;

namespace Determinism.Kvm.Memory;

/// <summary>One vCPU's mapping of the guest's memory; its protection is that vCPU's rights.</summary>
/// <remarks>
/// <para>Changed by the vCPU's thread while it is out of the guest, or by a winner that has claimed it while it is parked:
/// never by two threads at once, and never while the vCPU runs (mprotect is twenty times dearer then, and the loser would
/// be at no point that can be named).</para>
/// <para>Neighbouring frames with equal rights are one piece, as the kernel keeps them. The view may show less than what
/// the vCPU holds: when it falls into too many pieces it is closed, and each right comes back at the fault that misses it,
/// which is no event.</para>
/// <para>The whole of memory can be opened without changing any of it: then the vCPU enters with page tables that lead to
/// another mapping, and what is mapped here stays mapped (docs/decisions/018).</para>
/// </remarks>
internal sealed unsafe class VcpuView : IDisposable
{
    // So many times as many pieces as those that are kept apart anyway may come from rights.
    private const int ShareOfPieces = 4;

    private readonly Mapping _mapping;
    private readonly byte* _rights;
    private readonly ulong _frames;
    private readonly int _pageShift;
    private readonly int _mostPieces;
    private bool _isDisposed;

    public VcpuView(SharedMemory memory, int pageShift, int mostPieces)
    {
        _pageShift = pageShift;
        _mostPieces = mostPieces;
        _frames = ((memory.Bytes - 1) >> pageShift) + 1;
        _mapping = memory.Map();
        // Zeros cost nothing until touched.
        _rights = (byte*)NativeMemory.AllocZeroed((nuint)_frames);
        KeepApart();
        SetAll(AccessRight.None);
    }

    public byte* Start => _mapping.Start;

    public ulong Bytes => _mapping.Bytes;

    /// <summary>Counts what really changed: a fault that comes back without a change in between will come for ever.</summary>
    public ulong Changes { get; private set; }

    /// <summary>Pieces of different rights that lie next to each other.</summary>
    public int Pieces { get; private set; }

    /// <summary>How often the view was closed because of its pieces.</summary>
    public int Closings { get; private set; }

    /// <summary>Whether the vCPU sees all of memory, whatever the rights in the view are.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>What the view lets the vCPU do; outside of memory, nothing.</summary>
    public AccessRight RightAt(ulong address) => GuestLayout.IsControl(address) || (IsOpen && address < Bytes)
        ? AccessRight.ReadWrite
        : address < Bytes ? (AccessRight)_rights[address >> _pageShift] : AccessRight.None;

    public void SetRight(ulong frame, AccessRight right)
    {
        IsOpen &= right == AccessRight.ReadWrite;
        if (frame >= _frames || GuestLayout.IsControl(frame << _pageShift) || _rights[frame] == (byte)right)
            return;
        if (Pieces >= _mostPieces)
            Close();
        ulong address = frame << _pageShift;
        ulong bytes = Math.Min(1UL << _pageShift, Bytes - address);
        if (!TryProtect(address, bytes, right))
        {
            // The process has as many mappings as it may have.
            Close();
            if (!TryProtect(address, bytes, right))
                throw SystemCall.Failed("change a right to the guest's memory");
        }
        byte before = _rights[frame];
        Pieces += PiecesAround(frame, (byte)right) - PiecesAround(frame, before);
        _rights[frame] = (byte)right;
        Changes++;
    }

    /// <summary>Changes the rights of neighbouring frames with one call of the kernel. All rights to all frames open the view,
    /// until less is said of any: what is not taken then may be seen again only as it is used.</summary>
    public void SetRights(ulong first, ulong count, AccessRight right)
    {
        IsOpen = right == AccessRight.ReadWrite && (IsOpen || (first == 0 && count >= _frames));
        if (IsOpen)
        {
            Changes++;
            return;
        }
        ulong end = Math.Min(first + count, _frames);
        ulong control = GuestLayout.ControlPages >> _pageShift;
        ulong controlEnd = ((GuestLayout.ControlPagesEnd - 1) >> _pageShift) + 1;
        if (first < control && end > control)
            SetRun(first, control, right);
        else if (first >= controlEnd || end <= control)
            SetRun(first, end, right);
        if (first < controlEnd && end > controlEnd)
            SetRun(controlEnd, end, right);
    }

    private void SetRun(ulong first, ulong end, AccessRight right)
    {
        if (first >= end || IsAll(first, end, right))
            return;
        if (Pieces >= _mostPieces)
            Close();
        ulong address = first << _pageShift;
        ulong bytes = Math.Min((end - first) << _pageShift, Bytes - address);
        if (!TryProtect(address, bytes, right))
        {
            Close();
            if (!TryProtect(address, bytes, right))
                throw SystemCall.Failed("change the rights to the guest's memory");
        }
        int before = Borders(first, end);
        NativeMemory.Fill(_rights + first, (nuint)(end - first), (byte)right);
        Pieces += Borders(first, end) - before;
        Changes++;
    }

    private bool IsAll(ulong first, ulong end, AccessRight right)
    {
        for (; first < end; first += int.MaxValue)
        {
            int length = (int)Math.Min(end - first, int.MaxValue);
            if (new ReadOnlySpan<byte>(_rights + first, length).IndexOfAnyExcept((byte)right) >= 0)
                return false;
        }
        return true;
    }

    private int Borders(ulong first, ulong end)
    {
        int borders = 0;
        for (ulong frame = Math.Max(first, 1); frame <= end && frame < _frames; frame++)
            borders += _rights[frame - 1] != _rights[frame] ? 1 : 0;
        return borders;
    }

    public void SetAll(AccessRight right)
    {
        IsOpen = false;
        if (!TryProtect(0, Bytes, right)
            || !TryProtect(GuestLayout.ControlPages, GuestLayout.ControlPagesEnd - GuestLayout.ControlPages,
                AccessRight.ReadWrite))
            throw SystemCall.Failed("change the rights to the guest's memory");
        // Clearing is what lets untouched parts of the table stay untouched.
        if (right == AccessRight.None)
            ClearRights();
        else
            NativeMemory.Fill(_rights, (nuint)_frames, (byte)right);
        Pieces = 0;
        Changes++;
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        NativeMemory.Free(_rights);
        _mapping.Dispose();
    }

    /// <summary>Makes the kernel keep the mapping in pieces none of which has a whole large page in it.</summary>
    /// <remarks>Where it splits one that has, it takes the whole large page from KVM first, although there is none: each
    /// right that changed would cost the mappings of its 511 neighbours (docs/decisions/018). Neighbours of different
    /// advice are not joined again.</remarks>
    private void KeepApart()
    {
        const ulong LargePage = 2UL << 20;
        if (Bytes / LargePage > (ulong)_mostPieces / ShareOfPieces)
            return;
        ulong start = (ulong)_mapping.Start;
        ulong end = start + Bytes;
        for (ulong piece = (start & ~((2 * LargePage) - 1)) + (LargePage / 2); piece < end; piece += 2 * LargePage)
        {
            ulong from = Math.Max(piece, start);
            ulong to = Math.Min(piece + LargePage, end);
            // Advice that is refused costs speed, and nothing else.
            if (from < to)
                _ = Libc.Advise((void*)from, (nuint)(to - from), Libc.AdviceNoDump);
        }
    }

    private void Close()
    {
        SetAll(AccessRight.None);
        Closings++;
    }

    private void ClearRights()
    {
        if (Changes > 0)
            NativeMemory.Clear(_rights, (nuint)_frames);
    }

    private int PiecesAround(ulong frame, byte right) =>
        (frame > 0 && _rights[frame - 1] != right ? 1 : 0) + (frame + 1 < _frames && _rights[frame + 1] != right ? 1 : 0);

    private bool TryProtect(ulong address, ulong bytes, AccessRight right)
    {
        // AccessRight's values are not those of PROT_READ and PROT_WRITE together.
        int protection = right == AccessRight.ReadWrite ? Libc.ProtReadWrite : (int)right;
        return Libc.Protect(_mapping.Start + address, (nuint)bytes, protection) == 0;
    }
}
