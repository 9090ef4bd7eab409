using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Determinism.X86;

namespace Determinism.Machine;

/// <content>What the machine has beside guest memory, for checkpoints.</content>
public sealed partial class GuestMachine : ICheckpointState
{
    // From 2 on with the clock that the guest has seen.
    private const int StateVersion = 2;
    private const uint MxcsrStatus = 0x3F;

    // Of each vCPU's timer, in nanoseconds; 0: it has none.
    private readonly ulong[] _periods = new ulong[GuestLayout.MaximumVcpus];

    /// <inheritdoc />
    void ICheckpointState.Save(IBufferWriter<byte> destination)
    {
        // What is large and changes little comes first; what grows comes last.
        destination.Write(_disk.Content);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(StateVersion);
            writer.Write(Volatile.Read(ref _running));
            for (int vcpu = 0; vcpu < Configuration.VcpuCount; vcpu++)
                SaveVcpu(vcpu, writer);
            _published.Save(writer);
            _disk.SaveRequests(writer);
            writer.Write(_clock.Latest);
            writer.Write((int)_console.Length);
        }
        destination.Write(stream.GetBuffer().AsSpan(0, (int)stream.Length));
        destination.Write(Console.Span);
    }

    /// <inheritdoc />
    void ICheckpointState.Load(ReadOnlySpan<byte> state)
    {
        try
        {
            using var stream = new MemoryStream(state.ToArray());
            using var reader = new BinaryReader(stream, Encoding.UTF8);
            _disk.Load(reader.ReadBytes(_disk.Content.Length));
            int version = reader.ReadInt32();
            if (version is < 1 or > StateVersion)
                throw new LogDamagedException($"The machine's state has version {version}; this library reads versions 1 to {StateVersion}.");
            _running = reader.ReadInt32();
            for (int vcpu = 0; vcpu < Configuration.VcpuCount; vcpu++)
                LoadVcpu(vcpu, reader);
            _published.Load(reader);
            for (int vcpu = 0; vcpu < Configuration.VcpuCount; vcpu++)
                TakeAgain(vcpu);
            _disk.LoadRequests(reader);
            if (version > 1)
                _clock.GoOnFrom(reader.ReadUInt64());
            _console.SetLength(0);
            _console.Write(reader.ReadBytes(reader.ReadInt32()));
            if (stream.Position != stream.Length)
                throw new LogDamagedException("There is something after the machine's state.");
        }
        catch (Exception error) when (error is IOException or ArgumentException or FormatException)
        {
            throw new LogDamagedException("The machine's state cannot be read.", error);
        }
    }

    private void SaveVcpu(int vcpu, BinaryWriter writer)
    {
        X86Registers registers = _processors.Registers(vcpu);
        // Not every processor has it, and no guest can read it.
        registers.Mxcsr &= ~MxcsrStatus;
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<X86Registers>(in registers)));
        writer.Write(_processors.ReadPoint(vcpu).Count);
        writer.Write(Control(vcpu).InterruptMask);
        writer.Write((byte)_phases[vcpu]);
        writer.Write(_handlers[vcpu]);
        writer.Write(_exitCodes[vcpu]);
        writer.Write(_periods[vcpu]);
        writer.Write(_taken[vcpu]);
        _inboxes[vcpu].Save(writer);
    }

    private void LoadVcpu(int vcpu, BinaryReader reader)
    {
        X86Registers registers = default;
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(new Span<X86Registers>(ref registers)));
        _processors.Restore(vcpu, registers, reader.ReadUInt64());
        ref ControlPage control = ref Control(vcpu);
        control.Vcpu = (uint)vcpu;
        control.InterruptMask = reader.ReadUInt32();
        _phases[vcpu] = (VcpuPhase)reader.ReadByte();
        _handlers[vcpu] = reader.ReadUInt64();
        _exitCodes[vcpu] = reader.ReadUInt64();
        _periods[vcpu] = reader.ReadUInt64();
        _taken[vcpu] = reader.ReadInt32();
        _inboxes[vcpu].Load(reader);
        // Whatever waits for it; its start is no interrupt.
        if (!_inboxes[vcpu].IsEmpty || (_phases[vcpu] == VcpuPhase.NotStarted && _inboxes[vcpu].Start is not null))
            _signals[vcpu].Raise();
    }

    /// <summary>Gives a vCPU the published code that it had taken.</summary>
    private void TakeAgain(int vcpu)
    {
        if (_taken[vcpu] < 0 || _taken[vcpu] > _published.Frames.Count)
            throw new LogDamagedException($"In the machine's state, vCPU {vcpu} has taken code that nobody has published.");
        if (_taken[vcpu] > 0)
            _processors.MapCode(vcpu, [.. _published.Frames.Take(_taken[vcpu])]);
    }
}
