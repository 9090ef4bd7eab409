using Determinism.Machine;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Determinism.Litmus;

/// <summary>The program of one vCPU: a thread's code, again and again, with a barrier before and behind.</summary>
/// <remarks>Whose turn it is gives the variables their first values before an iteration, and keeps their final ones of the
/// iteration before: so each thread in turn is the one that holds them.</remarks>
internal sealed class ThreadProgram(Assembler code, LitmusTest test, GuestPlan plan, GuestMap map, int number)
{
    private const int Left = 0, Random = 8, Arrivals = 16, Turn = 24, Record = 32, Saved = 40, FrameBytes = 1024;

    private readonly ThreadCode _thread = new(test, number, map.Variables);
    private readonly Polls _polls = new(code);

    public void Write()
    {
        Label loop = code.CreateLabel(), ended = code.CreateLabel();
        WriteStart();
        code.Label(ref loop);
        code.nop();
        _polls.Write();
        WhenMyTurn(InitializeVariables);
        Wait();
        Delay();
        _thread.WriteInitialRegisters(code);
        _thread.WriteBody(code, _polls, plan.IsPolled);
        SaveRegisters();
        Wait();
        PassTurn();
        WhenMyTurn(SaveVariables);
        code.add(__qword_ptr[rsp + Record], GuestMap.RecordBytes(test, number));
        code.dec(__qword_ptr[rsp + Left]);
        code.jne(loop);

        // An ended vCPU never comes back; the loop gives every path a last instruction all the same.
        code.Label(ref ended);
        code.nop();
        _polls.Write();
        code.xor(edi, edi);
        code.@out((byte)GuestPort.Exit, al);
        code.jmp(ended);
        _polls.WriteTraps();
    }

    private void WriteStart()
    {
        code.sub(rsp, FrameBytes);
        Set(Left, (ulong)plan.Iterations);
        // Never zero, which would stay zero.
        Set(Random, ((plan.Seed * 0x9E3779B97F4A7C15) + (ulong)number * 0xD1B54A32D192ED03) | 1);
        Set(Arrivals, 0);
        Set(Turn, (ulong)number);
        Set(Record, map.ResultsOf(number));
    }

    private void Set(int slot, ulong value)
    {
        code.mov(rax, value);
        code.mov(__qword_ptr[rsp + slot], rax);
    }

    private void WhenMyTurn(Action write)
    {
        Label notMine = code.CreateLabel();
        code.cmp(__qword_ptr[rsp + Turn], 0);
        code.jne(notMine);
        write();
        code.Label(ref notMine);
        code.nop();
    }

    private void PassTurn()
    {
        Label passed = code.CreateLabel();
        code.dec(__qword_ptr[rsp + Turn]);
        code.jns(passed);
        code.mov(__qword_ptr[rsp + Turn], test.Threads.Count - 1);
        code.Label(ref passed);
        code.nop();
    }

    private void InitializeVariables()
    {
        foreach (LitmusVariable variable in test.Variables)
        {
            code.mov(rax, Alu.Truncate(variable.Initial.In(map.Variables), variable.Bytes));
            code.mov(__qword_ptr[map.Variables[variable.Name]], rax);
        }
    }

    private void SaveRegisters()
    {
        IReadOnlyList<Register> observed = _thread.Observed;
        for (int index = 0; index < observed.Count; index++)
            code.mov(__qword_ptr[rsp + Saved + (8 * index)], new AssemblerRegister64(observed[index]));
        code.mov(rax, __qword_ptr[rsp + Record]);
        for (int index = 0; index < observed.Count; index++)
        {
            code.mov(rcx, __qword_ptr[rsp + Saved + (8 * index)]);
            code.mov(__qword_ptr[rax + (8 * index)], rcx);
        }
    }

    private void SaveVariables()
    {
        int offset = 8 * _thread.Observed.Count;
        code.mov(rax, __qword_ptr[rsp + Record]);
        foreach (LitmusVariable variable in test.Variables)
        {
            code.mov(rcx, __qword_ptr[map.Variables[variable.Name]]);
            code.mov(__qword_ptr[rax + offset], rcx);
            offset += 8;
        }
    }

    private void Wait()
    {
        Label wait = code.CreateLabel();
        code.add(__qword_ptr[rsp + Arrivals], test.Threads.Count);
        code.@lock.inc(__qword_ptr[map.Barrier]);
        code.Label(ref wait);
        code.nop();
        _polls.Write();
        code.pause();
        code.mov(rax, __qword_ptr[map.Barrier]);
        code.cmp(rax, __qword_ptr[rsp + Arrivals]);
        code.jb(wait);
    }

    // xorshift64: a word of it chooses how many bits of the delay may be set, another the delay.
    private void Delay()
    {
        Label again = code.CreateLabel();
        code.mov(rax, __qword_ptr[rsp + Random]);
        foreach ((bool isLeft, byte count) in (ReadOnlySpan<(bool, byte)>)[(true, 13), (false, 7), (true, 17)])
        {
            code.mov(rcx, rax);
            if (isLeft)
                code.shl(rcx, count);
            else
                code.shr(rcx, count);
            code.xor(rax, rcx);
        }
        code.mov(__qword_ptr[rsp + Random], rax);
        code.movzx(ecx, al);
        code.imul(ecx, ecx, plan.DelayBits + 1);
        code.shr(ecx, 8);
        code.mov(edx, 1);
        code.shl(edx, cl);
        code.dec(edx);
        code.shr(rax, 32);
        code.and(eax, edx);
        code.Label(ref again);
        code.nop();
        _polls.Write();
        code.dec(eax);
        code.jns(again);
    }
}
