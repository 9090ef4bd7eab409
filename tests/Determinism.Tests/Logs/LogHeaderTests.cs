using CsCheck;
using Determinism.Log;

namespace Determinism.Tests.Logs;

public class LogHeaderTests
{
    private static readonly LogHeader s_header = new()
    {
        Shape = new MachineShape
        {
            VcpuCount = 3, DeviceAgentCount = 2, MemoryBytes = 1UL << 40, PageShift = 21, PseudoFrameCount = 7,
        },
        Clock = ClockKind.SoftwareCounter,
        Scope = OwnershipScope.Machine,
        DigestInterval = 5,
        Backend = "backend ü",
        Processor = "processor",
        Guest = "guest",
        InitialState = ulong.MaxValue - 1,
        SharedFrames = [new FrameRange(1, 2), new FrameRange(1UL << 19, 4)],
        PrivateFrames = [new OwnedFrames(2, new FrameRange(7, 9))],
    };

    [Fact]
    public void A_header_is_read_back()
    {
        LogHeader read = LogHeader.FromBytes(s_header.ToBytes());
        Assert.Equal(s_header.SharedFrames, read.SharedFrames);
        Assert.Equal(s_header.PrivateFrames, read.PrivateFrames);
        Assert.Equal(s_header, read with
        {
            SharedFrames = s_header.SharedFrames, PrivateFrames = s_header.PrivateFrames,
        });
    }

    [Fact]
    public void Where_the_log_begins_is_one_byte_more_and_no_other()
    {
        byte[] bytes = (s_header with { BeginsAtCheckpoint = true }).ToBytes();
        Assert.True(LogHeader.FromBytes(bytes).BeginsAtCheckpoint);
        Assert.False(s_header.BeginsAtCheckpoint || LogHeader.FromBytes(bytes.AsSpan(0, bytes.Length - 1)).BeginsAtCheckpoint);
        foreach (byte other in (byte[])[0, 2, 255])
        {
            bytes[^1] = other;
            Assert.Throws<LogDamagedException>(() => LogHeader.FromBytes(bytes));
        }
        Assert.Throws<LogDamagedException>(() => LogHeader.FromBytes([.. bytes, 1]));
    }

    [Fact]
    public void A_header_cut_anywhere_is_damaged()
    {
        byte[] bytes = s_header.ToBytes();
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<LogDamagedException>(() => LogHeader.FromBytes(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void A_header_of_another_version_is_refused_by_number()
    {
        byte[] bytes = (s_header with { Version = 99 }).ToBytes();
        DeterminismException refusal = Assert.ThrowsAny<DeterminismException>(() => LogHeader.FromBytes(bytes));
        Assert.Contains("99", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_header_never_throw_anything_else() => Gen.Byte.Array[0, 120].Sample(
        noise =>
        {
            // Behind the right version, so that it gets further than the first number.
            byte[] bytes = [.. BitConverter.GetBytes(LogHeader.CurrentVersion), .. noise];
            try
            {
                LogHeader.FromBytes(bytes);
            }
            catch (DeterminismException)
            {
                // What it is there for.
            }
        },
        iter: TestTier.Times(5_000, 500_000), threads: 1);

    [Fact]
    public void A_header_with_one_bit_flipped_never_throws_anything_else()
    {
        byte[] whole = s_header.ToBytes();
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] bytes = [.. whole];
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                LogHeader.FromBytes(bytes);
            }
            catch (DeterminismException)
            {
                // What it is there for.
            }
        }
    }
}
