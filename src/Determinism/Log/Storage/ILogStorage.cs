namespace Determinism.Log;

/// <summary>Where a log's files are: a folder, or whatever can play one.</summary>
/// <remarks>Used by one thread at a time, but for reads. Failures are <see cref="IOException"/>s.</remarks>
public interface ILogStorage
{
    /// <summary>Names of the files, in no order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Creates a file, for appending.</summary>
    /// <param name="name">Its name; it must not exist.</param>
    ILogFile Create(string name);

    /// <summary>Opens a file, for reading.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    ILogFile Open(string name);

    /// <summary>Gives a file another name, in place of a file that has it.</summary>
    /// <param name="from">Its name.</param>
    /// <param name="to">Its name from now on.</param>
    void Rename(string from, string to);

    /// <summary>Returns when created files and changed names would survive a loss of power.</summary>
    void SyncNames();
}
