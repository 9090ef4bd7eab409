using Determinism.Tool.Exporting;

namespace Determinism.Tool.Tests.Exporting;

public sealed class NewFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("determinism-tool-").FullName;

    private string Target => Path.Combine(_folder, "trace.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_has_its_name_only_when_it_is_whole()
    {
        using var file = new NewFile(Target);
        file.Stream.Write([1, 2, 3]);
        file.Stream.Flush();
        Assert.False(File.Exists(Target));
        file.Complete();
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Target));
        file.Dispose();
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Of_a_file_that_is_given_up_nothing_is_left()
    {
        using (var file = new NewFile(Target))
            file.Stream.Write([1, 2, 3]);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void What_is_there_stays()
    {
        using (var file = new NewFile(Target))
        {
            File.WriteAllText(Target, "came meanwhile");
            Assert.Throws<IOException>(file.Complete);
        }
        Assert.Throws<IOException>(() => new NewFile(Target));
        File.Move(Target, Target + ".incomplete");
        Assert.Throws<IOException>(() => new NewFile(Target));
        Assert.Equal([Target + ".incomplete"], Directory.GetFileSystemEntries(_folder));
        Assert.Equal("came meanwhile", File.ReadAllText(Target + ".incomplete"));
    }
}
