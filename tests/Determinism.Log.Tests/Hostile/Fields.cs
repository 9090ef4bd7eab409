using System.Buffers.Binary;

namespace Determinism.Log.Tests.Hostile;

/// <summary>A number in a structure of the format.</summary>
internal readonly record struct Field(int At, int Size)
{
    private static readonly ulong[] s_values =
    [
        0, 1, 2, 7, 8, 63, 64, 95, 96, 253, 254, 255, 256, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFF8,
        1UL << 40, 1UL << 48, 0x7FFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFF8, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 7,
    ];

    public static Field[] Start { get; } = [new(8, 2), new(10, 2), new(12, 4), new(16, 8), new(32, 8), new(40, 1), new(41, 8)];

    public static Field[] Header { get; } =
    [
        new(0, 4), new(4, 1), new(5, 1), new(6, 1), new(7, 1), new(8, 8), new(16, 8), new(24, 4), new(28, 4), new(32, 8),
        new(40, 8), new(48, 8), new(56, 8), new(64, 8), new(72, 8), new(80, 4), new(84, 4),
    ];

    public static Field[] HeaderLengths { get; } = [new(0, 4), new(24, 4), new(28, 4), new(80, 4), new(40, 8)];

    public static Field[] Index { get; } =
        [new(0, 8), new(8, 1), new(9, 1), new(10, 2), new(12, 4), new(16, 8), new(24, 8), new(32, 8), new(40, 8)];

    public static Field[] End { get; } = [new(0, 8), new(8, 8), new(16, 8), new(24, 4)];

    public static Field[] ManifestStart { get; } = [new(8, 2), new(10, 2), new(12, 4), new(16, 8), new(32, 1), new(33, 1)];

    /// <summary>Gives the number another value: one that is at an edge, one nearby, or any.</summary>
    public void Change(Span<byte> bytes, Random random)
    {
        Span<byte> place = bytes.Slice(At, Size);
        Span<byte> all = stackalloc byte[8];
        all.Clear();
        place.CopyTo(all);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(all);
        value = random.Next(3) switch
        {
            0 => s_values[random.Next(s_values.Length)],
            1 => value + (ulong)(random.Next(33) - 16),
            _ => (ulong)random.NextInt64() >> random.Next(63),
        };
        BinaryPrimitives.WriteUInt64LittleEndian(all, value);
        all[..Size].CopyTo(place);
    }
}
