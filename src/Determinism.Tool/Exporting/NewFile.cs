namespace Determinism.Tool.Exporting;

/// <summary>A file that is there whole, or not at all: it has another name until it is complete, so that one whose writer was
/// killed does not pass for a whole one.</summary>
internal sealed class NewFile : IDisposable
{
    private readonly string _path;
    private bool _isComplete;

    /// <exception cref="IOException">There is something of the name already, or of the name of an incomplete file.</exception>
    public NewFile(string path)
    {
        _path = path;
        if (Path.Exists(path))
            throw new IOException($"There is something at {path} already.");
        Stream = new FileStream(IncompletePath, FileMode.CreateNew, FileAccess.Write);
    }

    /// <summary>What is written.</summary>
    public FileStream Stream { get; }

    private string IncompletePath => _path + ".incomplete";

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="IOException">There is something of the name by now.</exception>
    public void Complete()
    {
        Stream.Dispose();
        File.Move(IncompletePath, _path);
        _isComplete = true;
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (!_isComplete)
            File.Delete(IncompletePath);
    }
}
