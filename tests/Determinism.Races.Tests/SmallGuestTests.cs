using Determinism.Emulation.Races;
using Determinism.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Races.Tests;

/// <summary>Programs whose races are known, each beside a twin that has none.</summary>
public class SmallGuestTests
{
    private const ulong Lock = SmallGuest.Data;
    private const ulong Word = SmallGuest.Data + 0x1000;
    private const ulong Flag = SmallGuest.Data + 0x2000;
    private const int Times = 200;

    [Fact]
    public void Increments_without_a_lock_race()
    {
        RaceReport report = Find(2, (guest, _) => guest.Repeat(Times, () => Increment(guest)));
        Race race = Assert.Single(report.Races);
        Assert.Equal((Word, 8), (race.Address, race.Size));
        Assert.NotEqual(race.First.Agent, race.Second.Agent);
        Assert.True(race.First.IsWrite && race.Second.IsWrite && race.Count >= 1);
        Assert.Equal(race.First.Value + 1, race.Second.Value);
    }

    [Fact]
    public void Increments_under_a_lock_do_not() => AssertNone(2, (guest, _) => guest.Repeat(Times, () =>
    {
        TakeLock(guest);
        Increment(guest);
        DropLock(guest, isMarked: true);
    }));

    [Fact]
    public void A_lock_whose_release_is_not_marked_protects_nothing()
    {
        RaceReport report = Find(2, (guest, _) => guest.Repeat(Times, () =>
        {
            TakeLock(guest);
            Increment(guest);
            DropLock(guest, isMarked: false);
        }));
        Assert.Equal([Lock, Word], report.Races.Select(race => race.Address).Distinct().Order());
        // The exchange that takes the lock meets the plain store that drops it.
        Assert.Contains(report.Races, race => race.First.IsSynchronisation != race.Second.IsSynchronisation);
    }

    [Fact]
    public void A_lock_that_one_of_two_takes_protects_nothing()
    {
        RaceReport report = Find(2, (guest, vcpu) => guest.Repeat(Times, () =>
        {
            if (vcpu == 0)
                TakeLock(guest);
            Increment(guest);
            if (vcpu == 0)
                DropLock(guest, isMarked: true);
        }));
        Assert.Equal([Word], report.Races.Select(race => race.Address).Distinct());
    }

    [Fact]
    public void Locked_increments_do_not_race() =>
        AssertNone(3, (guest, _) => guest.Repeat(Times, () => guest.Code.@lock.inc(__qword_ptr[(long)Word])));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_is_safe_behind_a_release_store(bool isMarked)
    {
        RaceReport report = Find(2, (guest, vcpu) =>
        {
            if (vcpu == 0)
            {
                guest.Code.mov(__qword_ptr[(long)Word], 42);
                guest.Code.mov(__qword_ptr[(long)Flag], 1);
                if (isMarked)
                    guest.MarkRelease();
                return;
            }
            WaitFor(guest, Flag);
            guest.Code.mov(rax, __qword_ptr[(long)Word]);
        });
        Assert.Equal(isMarked ? [] : [Word, Flag], report.Races.Select(race => race.Address).Distinct().Order());
    }

    [Fact]
    public void What_was_written_before_a_start_is_known_to_who_was_started() =>
        Assert.Empty(RaceFinder.Find(Runs.Record(SmallGuest.Build(2,
            (guest, vcpu) => guest.Code.mov(rax, __qword_ptr[(long)Word]),
            before: guest => guest.Code.mov(__qword_ptr[(long)Word], 42)))).Races);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_written_before_an_interrupt_is_known_to_who_takes_it(bool waits)
    {
        RaceReport report = Find(2, (guest, vcpu) =>
        {
            if (vcpu == 0)
            {
                guest.Code.mov(__qword_ptr[(long)Word], 42);
                guest.Service(GuestPort.InterruptSend, 1, 2);
                return;
            }
            Iced.Intel.Label handler = guest.Code.CreateLabel(), end = guest.Code.CreateLabel();
            // Masked until it waits: an interrupt that came before would not come again.
            guest.Code.mov(__dword_ptr.gs[16], 1);
            guest.Code.lea(rdi, __[handler]);
            guest.Code.@out((byte)GuestPort.HandlerSet, al);
            if (!waits)
                guest.Code.mov(rax, __qword_ptr[(long)Word]);
            guest.Code.@out((byte)GuestPort.Halt, al);
            guest.Code.mov(rax, __qword_ptr[(long)Word]);
            guest.Code.jmp(end);
            guest.Code.Label(ref handler);
            guest.Code.mov(rbx, __qword_ptr[(long)Word]);
            guest.Code.lea(rsp, __[rsp + 8]);
            guest.Code.mov(__dword_ptr.gs[16], 0);
            guest.Code.ret();
            guest.Code.Label(ref end);
            guest.Code.nop();
        });
        Assert.Equal(waits ? [] : [Word], report.Races.Select(race => race.Address));
        Assert.True(report.Synchronisations >= 2);
    }

    [Fact]
    public void Neighbouring_bytes_are_not_one_variable() => AssertNone(2, (guest, vcpu) =>
        guest.Repeat(Times, () => guest.Code.inc(__byte_ptr[(long)Word + vcpu])));

    [Fact]
    public void Of_a_wide_access_the_bytes_in_common_are_told()
    {
        RaceReport report = Find(2, (guest, vcpu) => guest.Repeat(Times, () =>
        {
            if (vcpu == 0)
                guest.Code.mov(__qword_ptr[(long)Word], 0x11223344);
            else
                guest.Code.mov(al, __byte_ptr[(long)Word + 2]);
        }));
        Race race = Assert.Single(report.Races);
        Assert.Equal((Word + 2, 1), (race.Address, race.Size));
    }

    [Fact]
    public void Readers_do_not_race() =>
        AssertNone(3, (guest, _) => guest.Repeat(Times, () => guest.Code.mov(rax, __qword_ptr[(long)Word])));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_disk_races_with_who_does_not_wait_for_it(bool waits)
    {
        const ulong Request = SmallGuest.Data + 0x3000, Buffer = SmallGuest.Data + 0x4000;
        RaceReport report = Find(1, (guest, _) =>
        {
            guest.Code.mov(__dword_ptr[(long)Request + 4], 1);
            guest.Code.mov(rax, Buffer);
            guest.Code.mov(__qword_ptr[(long)Request + 16], rax);
            guest.Code.mov(__qword_ptr[(long)Buffer], 7);
            guest.Service(GuestPort.DiskSubmit, Request);
            if (waits)
                WaitFor(guest, Request + 24);
            guest.Code.mov(rax, __qword_ptr[(long)Buffer]);
            WaitFor(guest, Request + 24);
        });
        Assert.Equal(waits ? [] : [Buffer], report.Races.Select(race => race.Address));
        if (!waits)
            Assert.Contains(report.Races, race => race.First.Place == "device" || race.Second.Place == "device");
    }

    private static RaceReport Find(int vcpus, Action<SmallGuest, int> write) =>
        RaceFinder.Find(Runs.Record(SmallGuest.Build(vcpus, write)));

    private static void AssertNone(int vcpus, Action<SmallGuest, int> write)
    {
        RaceReport report = Find(vcpus, write);
        Assert.Empty(report.Races);
        Assert.True(report.Accesses >= vcpus * Times);
    }

    private static void Increment(SmallGuest guest) => guest.Code.add(__qword_ptr[(long)Word], 1);

    private static void TakeLock(SmallGuest guest)
    {
        Iced.Intel.Label again = guest.Code.CreateLabel();
        guest.Code.Label(ref again);
        guest.Code.mov(eax, 1);
        guest.Code.xchg(__dword_ptr[(long)Lock], eax);
        guest.Code.test(eax, eax);
        guest.Code.jne(again);
    }

    private static void DropLock(SmallGuest guest, bool isMarked)
    {
        guest.Code.mov(__dword_ptr[(long)Lock], 0);
        if (isMarked)
            guest.MarkRelease();
    }

    private static void WaitFor(SmallGuest guest, ulong word)
    {
        Iced.Intel.Label again = guest.Code.CreateLabel();
        guest.Code.Label(ref again);
        guest.Code.pause();
        guest.Code.cmp(__dword_ptr[(long)word], 0);
        guest.Code.je(again);
    }
}
