using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Iced.Intel;

namespace Determinism.X86;

/// <summary>The instructions whose effect a recording cannot give back: their result depends on the host, or they leave
/// the guest in ways that no backend sees.</summary>
/// <remarks>Thread-safe.</remarks>
public static class NondeterministicInstructions
{
    private const string Time = "reads the host's clock";
    private const string Entropy = "reads the host's random numbers";
    private const string Identity = "reads what the host's processor is";
    private const string Counter = "reads the host's performance counters or model-specific registers";
    private const string Port = "is input or output in a form that is no service of the guest ABI";
    private const string Table = "reads or writes the addresses of system tables";
    private const string Flags = "shows or changes flags that depend on the host";
    private const string State = "saves or restores processor state in a form that depends on the host";
    private const string Transaction = "may abort at the host's discretion";
    private const string Wait = "waits for events of the host";
    private const string Approximation = "gives an approximation that differs between processors";
    private const string Control = "changes SSE control state, on which results depend";

    private static readonly FrozenDictionary<Mnemonic, string> Reasons = Build();

    /// <summary>Tells whether an instruction is nondeterministic, and why.</summary>
    /// <param name="instruction">The instruction.</param>
    /// <param name="reason">Why guests may not use it: a clause without subject, such as "reads the host's clock".</param>
    /// <returns>Whether it is.</returns>
    public static bool TryGetReason(in Instruction instruction, [NotNullWhen(true)] out string? reason)
    {
        if (instruction.Code == Code.Out_imm8_AL)
        {
            reason = null;
            return false;
        }

        return Reasons.TryGetValue(instruction.Mnemonic, out reason);
    }

    private static FrozenDictionary<Mnemonic, string> Build()
    {
        var reasons = new Dictionary<Mnemonic, string>();
        Add(Time, Mnemonic.Rdtsc, Mnemonic.Rdtscp);
        Add(Entropy, Mnemonic.Rdrand, Mnemonic.Rdseed);
        Add(Identity, Mnemonic.Cpuid, Mnemonic.Xgetbv, Mnemonic.Rdpid, Mnemonic.Rdpkru);
        Add(Counter, Mnemonic.Rdpmc, Mnemonic.Rdmsr, Mnemonic.Wrmsr, Mnemonic.Rdpru);
        Add(Port, Mnemonic.In, Mnemonic.Out, Mnemonic.Insb, Mnemonic.Insw, Mnemonic.Insd, Mnemonic.Outsb, Mnemonic.Outsw,
            Mnemonic.Outsd);
        Add(Table, Mnemonic.Sgdt, Mnemonic.Sidt, Mnemonic.Sldt, Mnemonic.Str, Mnemonic.Smsw, Mnemonic.Lgdt, Mnemonic.Lidt,
            Mnemonic.Lldt, Mnemonic.Ltr, Mnemonic.Lmsw, Mnemonic.Lar, Mnemonic.Lsl, Mnemonic.Verr, Mnemonic.Verw);
        Add(Flags, Mnemonic.Pushf, Mnemonic.Pushfd, Mnemonic.Pushfq, Mnemonic.Popf, Mnemonic.Popfd, Mnemonic.Popfq,
            Mnemonic.Cli, Mnemonic.Sti);
        Add(State, Mnemonic.Xsave, Mnemonic.Xsave64, Mnemonic.Xsavec, Mnemonic.Xsavec64, Mnemonic.Xsaveopt,
            Mnemonic.Xsaveopt64, Mnemonic.Xsaves, Mnemonic.Xsaves64, Mnemonic.Xrstor, Mnemonic.Xrstor64, Mnemonic.Xrstors,
            Mnemonic.Xrstors64, Mnemonic.Xsetbv, Mnemonic.Fxsave, Mnemonic.Fxsave64, Mnemonic.Fxrstor, Mnemonic.Fxrstor64);
        Add(Transaction, Mnemonic.Xbegin, Mnemonic.Xend, Mnemonic.Xabort, Mnemonic.Xtest);
        Add(Wait, Mnemonic.Monitor, Mnemonic.Mwait, Mnemonic.Monitorx, Mnemonic.Mwaitx, Mnemonic.Umonitor, Mnemonic.Umwait,
            Mnemonic.Tpause, Mnemonic.Hlt);
        Add(Approximation, Mnemonic.Rcpss, Mnemonic.Rcpps, Mnemonic.Rsqrtss, Mnemonic.Rsqrtps);
        Add(Control, Mnemonic.Ldmxcsr, Mnemonic.Stmxcsr);
        return reasons.ToFrozenDictionary();

        void Add(string reason, params ReadOnlySpan<Mnemonic> mnemonics)
        {
            foreach (var mnemonic in mnemonics)
                reasons.Add(mnemonic, reason);
        }
    }
}
