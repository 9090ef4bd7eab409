namespace Determinism.Log.Tests.Hostile;

/// <summary>Ways to hurt a log. Those up to <see cref="FileLost"/> leave the checksums as they are: what is read of such a log
/// without an error must be what was written.</summary>
internal enum Mutation
{
    BitFlipped,
    ByteChanged,
    RangeCleared,
    CutOff,
    BytesInserted,
    BytesRemoved,
    FileLost,
    Spliced,
    SplicedFromAnother,
    FilesSwapped,

    // From here on all checksums are right.
    StartField,
    HeaderField,
    HeaderLength,
    IndexField,
    EndField,
    ManifestField,
    StateByte,
    EventByte,
    EventLength,
    HeaderBlockByte,
    BlockRemoved,
    BlockRepeated,
    BlocksSwapped,
    BlockFromAnother,
    EventsInserted,
    EventsRemoved,
    SegmentRemoved,
    SegmentFromAnother,
}
