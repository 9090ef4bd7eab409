using System.Buffers.Binary;
using Determinism.Log;
using Determinism.Machine;
using Determinism.Recording;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Kvm.Tests.Laws;

/// <summary>One instruction at a time, by vCPUs that take turns: so each meets its frames in every state, what it computes is
/// known, and how many right changes it may take is known too.</summary>
public class TurnsTests
{
    private const ulong Data = AssembledGuest.Data;
    private const ulong Turn = Data + 0xE000;

    // A vCPU that waits for its turn spins: on a busy host each turn may cost a slice of its processor.
    private static readonly uint Rounds = (uint)TestTier.Times(10, 40);

    /// <summary>RBX points at the end of the first of two neighbouring data frames, RSI at a source frame; RAX, RCX, RDX and
    /// RDI are free, R12 counts rounds down.</summary>
    private static readonly Dictionary<string, Shape> s_shapes = new()
    {
        ["load over the border, then store"] = new(code =>
        {
            code.mov(rax, __qword_ptr[rbx - 3]);
            code.inc(rax);
            code.mov(__qword_ptr[rbx - 3], rax);
        }, Count(-3, 2 * Rounds)),
        ["increment of what is readable"] = new(code =>
        {
            code.mov(rax, __qword_ptr[rbx + 8]);
            code.inc(__qword_ptr[rbx + 8]);
        }, Count(8, 2 * Rounds)),
        ["locked over the border"] = new(code => code.@lock.add(__qword_ptr[rbx - 4], 3), Count(-4, 6 * Rounds)),
        ["exchange-and-add over the border"] = new(code =>
        {
            code.mov(eax, 5);
            code.@lock.xadd(__dword_ptr[rbx - 2], eax);
        }, Count(-2, 10 * Rounds)),
        ["compare-exchange that fails on what is readable"] = new(code =>
        {
            code.mov(rdx, __qword_ptr[rbx]);
            code.mov(rax, -1L);
            code.@lock.cmpxchg(__qword_ptr[rbx], r12);
            // RAX is 0 now, and memory as it was.
            code.inc(rax);
            code.add(__qword_ptr[rbx - 8], rax);
        }, memory =>
        {
            Count(0, 0)(memory);
            Count(-8, 2 * Rounds)(memory);
        }),
        ["16 bytes compared and exchanged"] = new(code =>
        {
            code.mov(r11, rbx);
            code.mov(rax, __qword_ptr[r11 + 16]);
            code.mov(rdx, __qword_ptr[r11 + 24]);
            code.mov(rcx, rdx);
            code.lea(rbx, __[rax + 2]);
            code.inc(rcx);
            code.@lock.cmpxchg16b(__xmmword_ptr[r11 + 16]);
            code.mov(rbx, r11);
        }, memory =>
        {
            Count(16, 4 * Rounds)(memory);
            Count(24, 2 * Rounds)(memory);
        }),
        ["16 bytes moved over the border"] = new(code =>
        {
            code.inc(__qword_ptr[rsi]);
            code.movups(xmm0, __xmmword_ptr[rsi]);
            code.movups(__xmmword_ptr[rbx - 9], xmm0);
        }, Count(-9, 2 * Rounds)),
        ["push over the border"] = new(code =>
        {
            code.mov(rdx, rsp);
            code.lea(rsp, __[rbx + 4]);
            code.pop(rax);
            code.push(rax);
            code.lea(rsp, __[rbx + 4]);
            code.inc(rcx);
            code.push(r12);
            code.mov(rsp, rdx);
        }, Count(-4, 1)),
        ["push of memory"] = new(code =>
        {
            code.inc(__qword_ptr[rsi]);
            code.mov(rdx, rsp);
            code.lea(rsp, __[rbx + 8]);
            code.push(__qword_ptr[rsi]);
            code.mov(rsp, rdx);
        }, Count(0, 2 * Rounds)),
        ["bytes repeated over borders"] = new(code =>
        {
            code.inc(__qword_ptr[rsi]);
            code.lea(rdi, __[rbx - 0x800]);
            code.mov(rdx, rsi);
            code.mov(ecx, 0x1008);
            code.rep.movsb();
            code.mov(rsi, rdx);
        }, Count(-0x800, 2 * Rounds)),
        ["words repeated over borders"] = new(code =>
        {
            code.inc(__qword_ptr[rsi]);
            code.mov(rax, __qword_ptr[rsi]);
            code.lea(rdi, __[rbx - 12]);
            code.mov(ecx, 3);
            code.rep.stosq();
        }, memory =>
        {
            Count(-12, 2 * Rounds)(memory);
            Count(4, 2 * Rounds)(memory);
        }),
        ["bit string far away"] = new(code =>
        {
            code.mov(eax, 8 * 0x1000);
            code.bts(__dword_ptr[rbx - 0x1000], eax);
            code.mov(eax, -8);
            code.bts(__dword_ptr[rbx], eax);
        }, memory =>
        {
            Count(0, 1)(memory);
            Count(-4, 1 << 24)(memory);
        }),
    };

    public static TheoryData<string> Shapes => [.. s_shapes.Keys];

    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void An_instruction_takes_its_frames_once_a_turn_and_computes_what_it_should(string name)
    {
        OnKvm.Need();
        Shape shape = s_shapes[name];
        MachineConfiguration configuration = AssembledGuest.Configure(
            2, ClockKind.SoftwareCounter, code => WriteTurns(code, shape.Write));
        var log = new MemoryEventLog(configuration.Shape.AgentCount);
        using GuestMachine machine = MachineRunner.NewMachine(configuration, OnKvm.Backend);
        using RecordingSession session = MachineRuns.StartRecording(
            machine, log, MachineRunner.MakeScheduler("parallel", 2), TimeProvider.System);
        machine.Run(session);
        Assert.Equal([0UL, 0UL], machine.ExitCodes);
        shape.Check(machine.Processors.Memory);
        // A turn's body has at most five data frames and a word to wait at, each lost and taken at most twice: once to be
        // read, once to be written.
        long changes = session.Statistics.Events.GetValueOrDefault(EventKind.Elevation);
        Assert.InRange(changes, 2 * Rounds, (2L * Rounds * 6 * 2) + 50);
        MachineState recorded = MachineState.Capture(machine);
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log, backend: OnKvm.Backend)));
        Assert.Null(recorded.FindDifference(MachineRunner.Replay(log)));
    }

    private static void WriteTurns(Assembler code, Action<Assembler> body)
    {
        Label loop = code.CreateLabel(), wait = code.CreateLabel();
        code.StartBoth();
        code.mov(r13, rdi);
        code.mov(r12d, Rounds);
        code.mov(r10, Turn);
        code.mov(rbx, Data + 0x3000);
        code.mov(rsi, Data + 0x6000);
        code.Label(ref loop);
        Action outer = code.Poll();
        code.Label(ref wait);
        Action inner = code.Poll();
        code.pause();
        code.cmp(__qword_ptr[r10], r13);
        code.jne(wait);
        body(code);
        code.mov(rax, r13);
        code.xor(rax, 1);
        code.mov(__qword_ptr[r10], rax);
        code.dec(r12);
        code.jne(loop);
        code.EndBoth(Turn, 0);
        outer();
        inner();
    }

    private static Action<GuestMemory> Count(int offset, ulong expected) => memory => Assert.Equal(
        (uint)expected, BinaryPrimitives.ReadUInt32LittleEndian(memory.Slice(Data + 0x3000 + (ulong)(long)offset, 4)));

    private sealed record Shape(Action<Assembler> Write, Action<GuestMemory> Check);
}
