namespace Determinism.Kvm.Interop;

/// <summary>Capabilities that this backend asks for, by KVM's numbers.</summary>
internal enum KvmCapability
{
    UserMemory = 3,
    ExtendedCpuid = 7,
    SyncRegisters = 74,
    ImmediateExit = 136,
}
