namespace Determinism.Emulation;

/// <summary>A wish that one vCPU stops at an instruction.</summary>
internal sealed class InstructionStop
{
    private ulong _at = ulong.MaxValue;
    private Action? _reached;

    public void Set(ulong at, Action reached) => (_at, _reached) = (at, reached);

    public ulong Withdraw(ulong count)
    {
        ulong left = _at == ulong.MaxValue ? 0 : _at - count;
        _at = ulong.MaxValue;
        return left;
    }

    /// <summary>Runs a processor as <see cref="Processor.Run"/> does, and calls on the way.</summary>
    /// <param name="processor">The processor, for its count.</param>
    /// <param name="stopAt">Where it comes back.</param>
    /// <param name="run">Runs it up to a count.</param>
    public ProcessorExit Run(Processor processor, ulong stopAt, Func<ulong, ProcessorExit> run)
    {
        while (_at <= stopAt)
        {
            ProcessorExit exit = processor.Count < _at ? run(_at) : default;
            // It came back before, for something else.
            if (processor.Count < _at || exit.Reason != ProcessorExitReason.Stopped)
                return exit;
            _at = ulong.MaxValue;
            _reached!();
        }
        return run(stopAt);
    }
}
