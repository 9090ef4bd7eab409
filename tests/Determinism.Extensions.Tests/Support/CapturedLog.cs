using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Determinism.Extensions.Tests.Support;

/// <summary>One record of a log.</summary>
internal sealed record CapturedRecord(string Category, LogLevel Level, EventId Id, string Text, Exception? Error,
    IReadOnlyDictionary<string, object?> Values);

/// <summary>Keeps what is logged.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<CapturedRecord> _records = new();

    public IReadOnlyList<CapturedRecord> Records => [.. _records];

    public CapturedRecord Single(string name) => Assert.Single(Records, record => record.Id.Name == name);

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _records);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<CapturedRecord> records) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var values = (state as IEnumerable<KeyValuePair<string, object?>> ?? []).ToDictionary();
            records.Enqueue(new CapturedRecord(
                category, logLevel, eventId, formatter(state, exception), exception, values));
        }
    }
}
