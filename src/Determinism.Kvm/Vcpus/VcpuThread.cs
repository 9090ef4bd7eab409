using System.Runtime.CompilerServices;
using Determinism.Kvm.Interop;
using Microsoft.Win32.SafeHandles;

namespace Determinism.Kvm.Vcpus;

/// <summary>Who is inside KVM_RUN, and how others make it leave: a signal that is blocked everywhere but there.</summary>
/// <remarks>
/// Protocol: the vCPU's thread says that it is inside, and that it is outside again, under the gate; others look and kick
/// under the gate. So a signal goes only to a thread that is inside and cannot end, and none is lost: sent before the
/// kernel has looked, it stays pending and ends the call at once. What is left over is taken away at the next interruption.
/// </remarks>
internal sealed unsafe class VcpuThread(int signal)
{
    private const int KernelSignalBytes = 8;
    private const int SignalSetWords = 16;

    private readonly object _gate = new();
    private readonly ulong _set = 1UL << (signal - 1);
    private Thread? _owner;
    private int _thread;
    private bool _isInside;
    private bool _isExpelled;
    private long _entries;

    public bool IsInside
    {
        get
        {
            lock (_gate)
                return _isInside;
        }
    }

    /// <summary>Prepares the calling thread, once.</summary>
    public void Adopt(SafeFileHandle vcpu)
    {
        // Not by its number, which the runtime gives to another thread when this one is gone.
        Thread here = Thread.CurrentThread;
        if (ReferenceEquals(_owner, here))
            return;
        ulong* set = stackalloc ulong[SignalSetWords];
        ulong* before = stackalloc ulong[SignalSetWords];
        set[0] = _set;
        _ = Libc.ChangeSignalMask(Libc.BlockSignals, set, before);
        byte* mask = stackalloc byte[sizeof(uint) + KernelSignalBytes];
        Unsafe.WriteUnaligned(mask, (uint)KernelSignalBytes);
        Unsafe.WriteUnaligned(mask + sizeof(uint), before[0] & ~_set);
        SystemCall.Check(Libc.Control(vcpu, KvmRequest.SetSignalMask, mask), "set the vCPU's signal mask");
        _thread = Libc.ThreadId();
        _owner = here;
    }

    /// <summary>Says that the vCPU is inside from now on; false if it may not enter any more.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            _isInside = !_isExpelled;
            _entries++;
            return _isInside;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _isInside = false;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes kicks that have served.</summary>
    public void TakeKicks()
    {
        ulong* set = stackalloc ulong[SignalSetWords];
        set[0] = _set;
        long* now = stackalloc long[2];
        now[0] = now[1] = 0;
        while (Libc.TakeSignal(set, null, now) >= 0)
        {
        }
    }

    /// <summary>Makes the vCPU leave the guest, and not enter it again. Any thread.</summary>
    public void Expel()
    {
        lock (_gate)
        {
            _isExpelled = true;
            if (_isInside)
                _ = Libc.Kill(Libc.ProcessId(), _thread, signal);
        }
    }

    /// <summary>Waits until the vCPU is, or has been, outside.</summary>
    /// <returns>Whether it came out in time.</returns>
    public bool WaitUntilOutside(TimeSpan patience)
    {
        lock (_gate)
        {
            long entry = _entries;
            if (!_isInside)
                return true;
            _ = Libc.Kill(Libc.ProcessId(), _thread, signal);
            while (_isInside && _entries == entry)
            {
                if (!Monitor.Wait(_gate, patience))
                    return !_isInside || _entries != entry;
            }
            return true;
        }
    }
}
