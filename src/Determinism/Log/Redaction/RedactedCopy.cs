namespace Determinism.Log;

/// <summary>Writes events again, without what a redaction takes out.</summary>
internal sealed class RedactedCopy(LogRedaction redaction, IEventLog target)
{
    private byte[] _zeros = [];
    private byte[] _encoded = [];

    public long States { get; private set; }

    public long Payloads { get; private set; }

    public long PayloadBytes { get; private set; }

    /// <summary>Copies a stream, from where the cursor is.</summary>
    public void Write(EventCursor cursor, int agentCount)
    {
        var encoder = new EventEncoder(agentCount);
        for (; cursor.MoveToNext(); cursor.Consume())
        {
            StreamEvent one = cursor.Next;
            ReadOnlySpan<byte> bytes = Redact(ref one, cursor.Bytes);
            int most = EventEncoder.MaximumFixedBytes + (cursor.Constraints.Length * EventEncoder.MaximumConstraintBytes) + bytes.Length;
            if (_encoded.Length < most)
                _encoded = new byte[most];
            encoder.TryWrite(_encoded, one, cursor.Constraints, bytes, out int written);
            target.Append(cursor.Stream, _encoded.AsSpan(0, written));
        }
    }

    private ReadOnlySpan<byte> Redact(ref StreamEvent one, ReadOnlySpan<byte> bytes)
    {
        if (one is { Kind: EventKind.Digest, HasBytes: true } && redaction.States)
        {
            States++;
            one.HasBytes = false;
            return default;
        }
        if (one.Kind != EventKind.Input || !redaction.TakesPayload(one.Code))
            return bytes;
        Payloads++;
        one.Value = 0;
        PayloadBytes += bytes.Length;
        if (_zeros.Length < bytes.Length)
            _zeros = new byte[bytes.Length];
        return _zeros.AsSpan(0, bytes.Length);
    }
}
