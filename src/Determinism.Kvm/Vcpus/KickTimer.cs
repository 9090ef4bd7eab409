namespace Determinism.Kvm.Vcpus;

/// <summary>Kicks vCPUs that are asked to leave and do not come to a poll: a host's exit, which is no point, but lets a
/// session end whatever the guest does.</summary>
internal sealed class KickTimer : IDisposable
{
    private readonly KvmVcpu[] _vcpus;
    private readonly Func<int, bool> _isAsked;
    private readonly long[] _seen;
    private readonly ITimer _timer;

    public KickTimer(KvmOptions options, KvmVcpu[] vcpus, Func<int, bool> isAsked)
    {
        _vcpus = vcpus;
        _isAsked = isAsked;
        _seen = new long[vcpus.Length];
        _timer = options.Time.CreateTimer(_ => Look(), null, options.KickAfter, options.KickAfter);
    }

    /// <summary>Waits for a look that is under way.</summary>
    public void Dispose() => _timer.DisposeAsync().AsTask().Wait();

    // One that was asked at the last look too, and has not left since, has had its time.
    private void Look()
    {
        lock (_seen)
        {
            for (int vcpu = 0; vcpu < _vcpus.Length; vcpu++)
            {
                VcpuThread thread = _vcpus[vcpu].Thread;
                long entry = thread.Entries;
                bool isAsked = thread.IsInside && _isAsked(vcpu);
                if (isAsked && _seen[vcpu] == entry)
                    thread.Kick();
                _seen[vcpu] = isAsked ? entry : 0;
            }
        }
    }
}
