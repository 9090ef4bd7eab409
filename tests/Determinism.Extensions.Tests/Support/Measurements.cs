using System.Diagnostics.Metrics;

namespace Determinism.Extensions.Tests.Support;

/// <summary>What one host's instruments say when they are read.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<Instrument> _instruments = [];
    private readonly List<(string Instrument, long Value, Dictionary<string, object?> Tags)> _values = [];

    /// <summary>Listens.</summary>
    /// <param name="scope">Whose meter: a meter factory, or null for meters that have none.</param>
    public Measurements(object? scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != "Determinism" || instrument.Meter.Scope != scope)
                return;
            lock (_instruments)
                _instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _values.Add((instrument.Name, value, tags.ToArray().ToDictionary())));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => _instruments;

    /// <summary>Collects once, and gives the sum of what an instrument says of some tags; null if it says nothing.</summary>
    public long? Read(string instrument, params (string Name, string Value)[] tags)
    {
        _values.Clear();
        _listener.RecordObservableInstruments();
        long[] found = [.. _values.Where(value => value.Instrument == instrument
            && tags.All(tag => Equals(value.Tags.GetValueOrDefault(tag.Name), tag.Value))).Select(value => value.Value)];
        return found.Length == 0 ? null : found.Sum();
    }

    public void Dispose() => _listener.Dispose();
}
