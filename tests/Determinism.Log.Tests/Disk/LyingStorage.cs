namespace Determinism.Log.Tests.Disk;

/// <summary>Says that things are durable that are not.</summary>
/// <param name="inner">The storage.</param>
/// <param name="keepsFiles">Whether files' syncs are carried out.</param>
/// <param name="keptNames">How many syncs of names are carried out.</param>
internal sealed class LyingStorage(ILogStorage inner, bool keepsFiles, int keptNames) : StorageFilter(inner)
{
    private int _keptNames = keptNames;

    public override void SyncNames()
    {
        if (_keptNames-- > 0)
            base.SyncNames();
    }

    protected override void Sync(ILogFile file)
    {
        if (keepsFiles)
            file.Sync();
    }
}
