using System.Buffers.Binary;
using System.Text;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Races.Tests;

/// <summary>A program of a few instructions a vCPU: vCPU 0 starts the others and goes on with its own.</summary>
internal sealed class SmallGuest
{
    public const ulong CodeAddress = 0x40_0000;

    /// <summary>64 KiB of zeros.</summary>
    public const ulong Data = 0x41_0000;

    private const ulong MemoryBytes = 5UL << 20;

    private readonly List<Label> _releases = [];

    private SmallGuest()
    {
    }

    public Assembler Code { get; } = new(64);

    /// <summary>Marks the instruction before as a release store.</summary>
    public void MarkRelease()
    {
        Label end = Code.CreateLabel();
        Code.Label(ref end);
        Code.nop();
        _releases.Add(end);
    }

    /// <summary>Asks for a service.</summary>
    public void Service(GuestPort port, ulong first = 0, ulong second = 0)
    {
        Code.mov(rdi, first);
        Code.mov(rsi, second);
        Code.@out((byte)port, al);
    }

    /// <summary>Does something a number of times; RCX counts.</summary>
    public void Repeat(int times, Action body)
    {
        Label head = Code.CreateLabel();
        Code.mov(rcx, (ulong)times);
        Code.Label(ref head);
        // An instruction has one label at most, and the body may begin with one.
        Code.nop();
        body();
        Code.dec(rcx);
        Code.jne(head);
    }

    /// <summary>A machine whose vCPUs each run a body and end.</summary>
    /// <param name="vcpus">How many.</param>
    /// <param name="write">Writes a vCPU's body.</param>
    /// <param name="before">What vCPU 0 does before it starts the others.</param>
    public static MachineConfiguration Build(int vcpus, Action<SmallGuest, int> write, Action<SmallGuest>? before = null)
    {
        var guest = new SmallGuest();
        Assembler code = guest.Code;
        Label[] entries = [.. Enumerable.Range(0, vcpus).Select(_ => code.CreateLabel())];
        before?.Invoke(guest);
        for (int vcpu = 1; vcpu < vcpus; vcpu++)
        {
            code.mov(rdi, (ulong)vcpu);
            code.lea(rsi, __[entries[vcpu]]);
            code.mov(r8, MemoryBytes - ((ulong)vcpu * GuestLayout.StackBytes) - 8);
            code.@out((byte)GuestPort.VcpuStart, al);
        }
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
        {
            code.Label(ref entries[vcpu]);
            code.nop();
            write(guest, vcpu);
            guest.Service(GuestPort.Exit);
        }
        return new MachineConfiguration
        {
            GuestName = "small", Image = ElfImage.Parse(guest.ToElf()), VcpuCount = vcpus, MemoryBytes = MemoryBytes,
        };
    }

    private byte[] ToElf()
    {
        const int HeaderBytes = 64, SegmentBytes = 56, SectionBytes = 64, SectionsAt = HeaderBytes + (2 * SegmentBytes),
            NamesAt = SectionsAt + (3 * SectionBytes);
        byte[] names = Encoding.ASCII.GetBytes("\0.shstrtab\0.determinism.release\0");
        using var stream = new MemoryStream();
        AssemblerResult assembled =
            Code.Assemble(new StreamCodeWriter(stream), CodeAddress, BlockEncoderOptions.ReturnNewInstructionOffsets);
        byte[] code = stream.ToArray();
        int releasesAt = NamesAt + names.Length;
        int codeAt = releasesAt + (8 * _releases.Count);
        var file = new byte[codeAt + code.Length];
        code.CopyTo(file, codeAt);
        names.CopyTo(file, NamesAt);
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;
        file[5] = 1;
        Write16(16, 2);
        Write16(18, 62);
        Write(24, CodeAddress);
        Write(32, HeaderBytes);
        Write(40, SectionsAt);
        Write16(56, 2);
        Write16(60, 3);
        Write16(62, 1);
        WriteSegment(HeaderBytes, flags: 5, (ulong)codeAt, CodeAddress, (ulong)code.Length, (ulong)code.Length);
        WriteSegment(HeaderBytes + SegmentBytes, flags: 6, (ulong)codeAt, Data, 0, 0x1_0000);
        WriteSection(1, name: 1, (ulong)NamesAt, (ulong)names.Length);
        WriteSection(2, name: 11, (ulong)releasesAt, (ulong)(8 * _releases.Count));
        for (int index = 0; index < _releases.Count; index++)
            Write(releasesAt + (8 * index), assembled.GetLabelRIP(_releases[index]));
        return file;

        void Write(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);

        void Write16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);

        void WriteSegment(int at, uint flags, ulong offset, ulong address, ulong fileBytes, ulong memoryBytes)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), 1);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 4), flags);
            Write(at + 8, offset);
            Write(at + 16, address);
            Write(at + 32, fileBytes);
            Write(at + 40, memoryBytes);
        }

        void WriteSection(int number, uint name, ulong offset, ulong bytes)
        {
            int at = SectionsAt + (number * SectionBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), name);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 4), 1);
            Write(at + 24, offset);
            Write(at + 32, bytes);
        }
    }
}
