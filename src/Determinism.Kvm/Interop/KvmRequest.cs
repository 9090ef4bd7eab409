namespace Determinism.Kvm.Interop;

/// <summary>KVM's ioctl requests, as <c>linux/kvm.h</c> numbers them for x86-64.</summary>
internal static class KvmRequest
{
    public const nuint GetApiVersion = 0xAE00;
    public const nuint CreateVm = 0xAE01;
    public const nuint CheckExtension = 0xAE03;
    public const nuint GetRunBytes = 0xAE04;
    public const nuint GetSupportedCpuid = 0xC008_AE05;
    public const nuint CreateVcpu = 0xAE41;
    public const nuint SetMemoryRegion = 0x4020_AE46;
    public const nuint Run = 0xAE80;
    public const nuint GetSystemRegisters = 0x8138_AE83;
    public const nuint SetSystemRegisters = 0x4138_AE84;
    public const nuint SetSignalMask = 0x4004_AE8B;
    public const nuint GetFpu = 0x81A0_AE8C;
    public const nuint SetFpu = 0x41A0_AE8D;
    public const nuint SetCpuid = 0x4008_AE90;
    public const nuint GetXsave = 0x9000_AEA4;
    public const nuint SetXsave = 0x5000_AEA5;
}
