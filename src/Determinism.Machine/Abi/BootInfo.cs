using System.Buffers.Binary;

namespace Determinism.Machine;

/// <summary>What the machine tells the guest at its start.</summary>
/// <param name="MemoryBytes">Size of memory.</param>
/// <param name="VcpuCount">Number of vCPUs.</param>
/// <param name="Parameters">At most 16 numbers.</param>
/// <param name="HeapStart">First free byte after the image.</param>
/// <param name="HeapEnd">End of free memory: where the stacks begin.</param>
internal sealed record BootInfo(
    ulong MemoryBytes, int VcpuCount, IReadOnlyList<ulong> Parameters, ulong HeapStart, ulong HeapEnd)
{
    public const int Size = 192;

    private static ReadOnlySpan<byte> Magic => "DETM0001"u8;

    public void WriteTo(Span<byte> destination)
    {
        destination[..Size].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], MemoryBytes);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], VcpuCount);
        BinaryPrimitives.WriteInt32LittleEndian(destination[20..], Parameters.Count);
        for (int index = 0; index < Parameters.Count; index++)
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(24 + (8 * index))..], Parameters[index]);
        Span<byte> rest = destination[(24 + (8 * GuestLayout.ParameterCount))..];
        BinaryPrimitives.WriteUInt64LittleEndian(rest, HeapStart);
        BinaryPrimitives.WriteUInt64LittleEndian(rest[8..], HeapEnd);
        BinaryPrimitives.WriteUInt64LittleEndian(rest[16..], GuestLayout.StackBytes);
    }
}
