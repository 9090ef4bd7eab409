using System.Buffers.Binary;
using Determinism.Machine;

namespace Determinism.Litmus;

/// <summary>Makes a program of code and of memory that starts as zeros.</summary>
internal static class ElfFile
{
    private const int HeaderBytes = 64, SegmentBytes = 56, CodeAt = HeaderBytes + (2 * SegmentBytes);
    private const uint Readable = 4, Writable = 2, Executable = 1;

    public static ElfImage Make(ReadOnlySpan<byte> code, ulong dataStart, ulong dataEnd)
    {
        var file = new byte[CodeAt + code.Length];
        code.CopyTo(file.AsSpan(CodeAt));
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;
        file[5] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), GuestLayout.Image);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 2);
        WriteSegment(file.AsSpan(HeaderBytes), Readable | Executable, GuestLayout.Image, (ulong)code.Length, (ulong)code.Length);
        WriteSegment(file.AsSpan(HeaderBytes + SegmentBytes), Readable | Writable, dataStart, 0, dataEnd - dataStart);
        return ElfImage.Parse(file);
    }

    private static void WriteSegment(Span<byte> to, uint flags, ulong address, ulong fileBytes, ulong memoryBytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], CodeAt);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], fileBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(to[40..], memoryBytes);
    }
}
