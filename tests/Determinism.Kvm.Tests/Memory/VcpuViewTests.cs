using System.Globalization;
using Determinism.Kvm.Memory;
using Determinism.Log;
using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests.Memory;

/// <summary>A vCPU's rights are its mapping's protections, however many changes there were.</summary>
public class VcpuViewTests
{
    private const ulong MemoryBytes = 4UL << 20;
    private const ulong Frames = MemoryBytes >> 12;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public unsafe void Random_changes_leave_the_kernel_with_exactly_those_rights(int seed)
    {
        OnKvm.Need();
        using var memory = new SharedMemory("test", MemoryBytes);
        using var view = new VcpuView(memory, pageShift: 12, mostPieces: 4096);
        var random = new Random(seed);
        var expected = new AccessRight[Frames];
        for (int change = 0; change < 3000; change++)
        {
            ulong frame = (ulong)random.Next((int)Frames);
            var right = (AccessRight)random.Next(3);
            view.SetRight(frame, right);
            if (!GuestLayout.IsControl(frame << 12))
                expected[frame] = right;
            if (change % 500 == 0)
                Check(view, expected, seed);
        }
        Check(view, expected, seed);
        int pieces = 0;
        for (int frame = 1; frame < expected.Length; frame++)
            pieces += expected[frame] != expected[frame - 1] ? 1 : 0;
        Assert.Equal(pieces, view.Pieces);
        Assert.Equal(0, view.Closings);
        view.SetAll(AccessRight.Read);
        Array.Fill(expected, AccessRight.Read);
        Check(view, expected, seed);
    }

    [SkippableFact]
    public void A_view_never_falls_into_more_pieces_than_it_may_and_shows_no_right_that_is_not_held()
    {
        OnKvm.Need();
        using var memory = new SharedMemory("test", MemoryBytes);
        using var view = new VcpuView(memory, pageShift: 12, mostPieces: 32);
        for (ulong frame = 0; frame < Frames; frame += 2)
        {
            view.SetRight(frame, AccessRight.Read);
            Assert.InRange(view.Pieces, 0, 34);
            Assert.Equal(GuestLayout.IsControl(frame << 12) ? AccessRight.ReadWrite : AccessRight.Read,
                view.RightAt(frame << 12));
        }
        Assert.True(view.Closings > 10);
        Check(view, [.. Enumerable.Range(0, (int)Frames).Select(frame => Held(view, (ulong)frame))], seed: 0);
    }

    [SkippableFact]
    public void The_same_right_again_is_no_change()
    {
        OnKvm.Need();
        using var memory = new SharedMemory("test", MemoryBytes);
        using var view = new VcpuView(memory, pageShift: 12, mostPieces: 32);
        view.SetRight(7, AccessRight.Read);
        ulong changes = view.Changes;
        view.SetRight(7, AccessRight.Read);
        view.SetRight(GuestLayout.ControlPages >> 12, AccessRight.None);
        Assert.Equal(changes, view.Changes);
        Assert.Equal(AccessRight.ReadWrite, view.RightAt(GuestLayout.ControlPages));
    }

    [SkippableFact]
    public void An_open_view_shows_everything_and_is_what_it_was_when_it_is_closed()
    {
        OnKvm.Need();
        using var memory = new SharedMemory("test", MemoryBytes);
        using var view = new VcpuView(memory, pageShift: 12, mostPieces: 64);
        var expected = new AccessRight[Frames];
        view.SetRight(7, expected[7] = AccessRight.ReadWrite);
        view.SetRights(100, 5, AccessRight.Read);
        Array.Fill(expected, AccessRight.Read, 100, 5);
        ulong before = view.Changes;

        view.SetRights(0, Frames, AccessRight.ReadWrite);
        Assert.True(view.IsOpen);
        Assert.NotEqual(before, view.Changes);
        Assert.All(Enumerable.Range(0, (int)Frames), frame => Assert.Equal(AccessRight.ReadWrite, view.RightAt((ulong)frame << 12)));
        Assert.Equal(AccessRight.None, view.RightAt(MemoryBytes));
        Check(view, expected, seed: 0);

        // One frame was lost meanwhile; the others that are not held were not before.
        view.SetRights(0, 100, AccessRight.None);
        Assert.False(view.IsOpen);
        expected[7] = AccessRight.None;
        view.SetRights(105, Frames - 105, AccessRight.None);
        Check(view, expected, seed: 0);
        Assert.Equal(AccessRight.Read, view.RightAt(100 << 12));
        Assert.Equal(AccessRight.None, view.RightAt(7 << 12));
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(3)]
    public void One_right_that_is_less_closes_an_open_view(int right)
    {
        OnKvm.Need();
        using var memory = new SharedMemory("test", MemoryBytes);
        using var view = new VcpuView(memory, pageShift: 12, mostPieces: 64);
        view.SetRights(0, Frames, AccessRight.ReadWrite);
        if (right < 3)
            view.SetRight(9, (AccessRight)right);
        else
            view.SetAll(AccessRight.None);
        Assert.False(view.IsOpen);
        Assert.Equal(AccessRight.None, view.RightAt(9 << 12));
    }

    [SkippableFact]
    public unsafe void No_piece_of_the_mapping_has_a_whole_large_page_in_it()
    {
        OnKvm.Need();
        const ulong LargePage = 2UL << 20, Large = 37 * LargePage;
        using var memory = new SharedMemory("test", Large);
        using var view = new VcpuView(memory, pageShift: 12, mostPieces: 4096);
        view.SetAll(AccessRight.ReadWrite);
        view.SetRights(0x1234, 0x321, AccessRight.None);
        view.SetRights(0x1234, 0x321, AccessRight.ReadWrite);
        ulong start = (ulong)view.Start, end = start + Large, covered = 0;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            ulong[] range = [.. line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-')
                .Select(one => ulong.Parse(one, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))];
            if (range[1] <= start || range[0] >= end)
                continue;
            ulong first = (range[0] + LargePage - 1) & ~(LargePage - 1);
            Assert.True(first + LargePage > range[1], line);
            covered += range[1] - range[0];
        }
        Assert.Equal(Large, covered);
    }

    [SkippableFact]
    public void A_guest_whose_view_is_closed_again_and_again_is_recorded_and_replayed_all_the_same()
    {
        OnKvm.Need();
        var backend = new KvmBackend(OnKvm.Options with { MostPieces = 16 });
        MachineConfiguration configuration = AssembledGuest.Configure(2, ClockKind.SoftwareCounter, code =>
        {
            Label rounds = code.CreateLabel(), frames = code.CreateLabel();
            code.StartBoth();
            code.mov(r12, 20UL);
            code.Label(ref rounds);
            Action outer = code.Poll();
            code.mov(rbx, 0x60_0000UL);
            code.mov(rcx, 100UL);
            code.Label(ref frames);
            Action inner = code.Poll();
            // Every other frame: no two neighbours are ever of one piece.
            code.@lock.inc(__qword_ptr[rbx]);
            code.add(rbx, 0x2000);
            code.dec(rcx);
            code.jne(frames);
            code.dec(r12);
            code.jne(rounds);
            code.EndBoth(0x60_0000, 40);
            outer();
            inner();
        });
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        MachineState recorded = MachineRunner.Record(
            configuration, MachineRunner.MakeScheduler("parallel", 2), log, backend: backend);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log, backend: backend)));
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
    }

    private static AccessRight Held(VcpuView view, ulong frame) =>
        GuestLayout.IsControl(frame << 12) ? AccessRight.None : view.RightAt(frame << 12);

    /// <summary>Compares with what the kernel says of the process's mappings.</summary>
    private static void Check(VcpuView view, AccessRight[] expected, int seed)
    {
        string[] actual = ViewMappings.Read(view);
        for (ulong frame = 0; frame < Frames; frame++)
        {
            AccessRight right = GuestLayout.IsControl(frame << 12) ? AccessRight.ReadWrite : expected[frame];
            string wanted = right switch { AccessRight.None => "--", AccessRight.Read => "r-", _ => "rw" };
            Assert.True(actual[frame] == wanted, $"seed {seed}: frame {frame} is {actual[frame]}, not {wanted}");
        }
    }
}
