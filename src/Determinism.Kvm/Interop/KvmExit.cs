namespace Determinism.Kvm.Interop;

/// <summary>Why KVM_RUN returned, by KVM's numbers; those that this backend tells apart.</summary>
internal enum KvmExit : uint
{
    Unknown = 0,
    Exception = 1,
    Port = 2,
    Hypercall = 3,
    Debug = 4,
    Halt = 5,
    Mmio = 6,
    Shutdown = 8,
    FailedEntry = 9,
    Interrupted = 10,
    InternalError = 17,
    MemoryFault = 39,
}
