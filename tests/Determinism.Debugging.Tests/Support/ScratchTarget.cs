namespace Determinism.Debugging.Tests.Support;

/// <summary>A target that lets itself be written, and ends when it is resumed.</summary>
internal sealed class ScratchTarget : IDebugTarget
{
    private readonly byte[][] _registers = [.. TargetDescription.X64.Registers.Select(register => new byte[register.Bytes])];

    public byte[] Memory { get; } = new byte[4096];

    public TargetDescription Description => TargetDescription.X64;

    public bool IsReversible => false;

    public IReadOnlyList<DebugThread> Threads => [new DebugThread(7, "the only one")];

    public int CurrentThread => 7;

    public ResumeRequest? LastRequest { get; private set; }

    public Func<CancellationToken, DebugStop> OnResume { get; init; } = _ => DebugStop.Exited(3);

    public bool TryReadRegister(int thread, int register, Span<byte> destination)
    {
        _registers[register].CopyTo(destination);
        return true;
    }

    public void WriteRegister(int thread, int register, ReadOnlySpan<byte> source) => source.CopyTo(_registers[register]);

    public int ReadMemory(ulong address, Span<byte> destination)
    {
        if (address >= (ulong)Memory.Length)
            return 0;
        int count = Math.Min(destination.Length, Memory.Length - (int)address);
        Memory.AsSpan((int)address, count).CopyTo(destination);
        return count;
    }

    public void WriteMemory(ulong address, ReadOnlySpan<byte> source)
    {
        if (address > (ulong)Memory.Length || (ulong)source.Length > (ulong)Memory.Length - address)
            throw new DebugTargetException("There is no such memory.");
        source.CopyTo(Memory.AsSpan((int)address));
    }

    public bool Supports(DebugPointKind kind) => kind == DebugPointKind.SoftwareBreakpoint;

    public DebugStop Resume(ResumeRequest request, CancellationToken interrupt)
    {
        LastRequest = request;
        return OnResume(interrupt);
    }

    public string Monitor(string command, CancellationToken interrupt) => command switch
    {
        "long" => new string('x', 100_000),
        "bug" => throw new InvalidOperationException("A mistake in the target."),
        "refuse" => throw new DebugTargetException("Not now."),
        _ => command + "\n",
    };
}
