namespace Determinism.Tool;

/// <summary>How far long work has come, in percent, on a terminal's error stream; nothing anywhere else.</summary>
internal sealed class Progress(TextWriter errors, string what, long total) : IDisposable
{
    private readonly bool _isShown = ReferenceEquals(errors, Console.Error) && !Console.IsErrorRedirected;
    private long _done;
    private long _percent = -1;

    public void Add(long more)
    {
        _done += more;
        if (!_isShown || total <= 0)
            return;
        long percent = Math.Min(100, (long)(100.0 * _done / total));
        if (percent == _percent)
            return;
        _percent = percent;
        errors.Write($"\r{what} {percent,3} %");
    }

    public void Dispose()
    {
        if (_percent >= 0)
            errors.Write("\r" + new string(' ', what.Length + 6) + "\r");
    }
}
