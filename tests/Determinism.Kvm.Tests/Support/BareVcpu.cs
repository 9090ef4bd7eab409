using Determinism.Kvm.Host;
using Determinism.Kvm.Memory;
using Determinism.Kvm.Tables;
using Determinism.Kvm.Vcpus;
using Determinism.Machine;
using Determinism.X86;

namespace Determinism.Kvm.Tests;

/// <summary>One vCPU without a machine: code at <see cref="Code"/>, data everywhere else.</summary>
internal sealed unsafe class BareVcpu : IDisposable
{
    public const ulong MemoryBytes = 8UL << 20;
    public const ulong Code = GuestLayout.Image;
    public const ulong Data = Code + 0x2000;
    public const int CodeBytes = 0x2000;

    public BareVcpu(KvmOptions? options = null)
    {
        options ??= OnKvm.Options;
        Host = KvmHost.Open(options.Device);
        bool completesPorts = HostProbe.FindPortCompletion(Host, OnKvm.Options);
        Memory = new SharedMemory("test", MemoryBytes);
        Area = new SystemArea(MemoryBytes, [new CodeSpan(Code, CodeBytes)]);
        var view = new VcpuView(Memory, pageShift: 12, options.MostPieces);
        view.SetAll(AccessRight.ReadWrite);
        Vcpu = new KvmVcpu(Host, Memory, view, Area, GuestLayout.ControlPages, options, completesPorts);
    }

    public KvmHost Host { get; }

    public SharedMemory Memory { get; }

    public SystemArea Area { get; }

    public KvmVcpu Vcpu { get; }

    public Span<byte> Bytes(ulong address, int count) => new(Memory.All.Start + address, count);

    public ref ulong Word(ulong address) => ref *(ulong*)(Memory.All.Start + address);

    /// <summary>Puts code into place and the vCPU at its start; RBX has the address of the data.</summary>
    public void Load(params ReadOnlySpan<byte> code)
    {
        code.CopyTo(Bytes(Code, code.Length));
        ref X86Registers registers = ref Vcpu.Registers;
        ulong gsBase = registers.GsBase;
        registers = X86Registers.Reset;
        registers.GsBase = gsBase;
        registers.Rip = Code;
        registers.Gpr[3] = Data;
        registers.Gpr[4] = Data + 0x10_0000;
    }

    public VcpuExit Run()
    {
        while (true)
        {
            VcpuExit exit = Vcpu.Run();
            if (exit.Kind != VcpuExitKind.Host)
                return exit;
        }
    }

    public void Dispose()
    {
        Vcpu.Dispose();
        Area.Dispose();
        Memory.Dispose();
        Host.Dispose();
    }
}
