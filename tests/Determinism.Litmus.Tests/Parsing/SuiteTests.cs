namespace Determinism.Litmus.Tests.Parsing;

public class SuiteTests
{
    [Fact]
    public void Every_file_of_the_suite_is_read()
    {
        Assert.Equal(165, Suite.Files.Count);
        Assert.All(Suite.Files, static file => Assert.Null(file.Problem));
    }
}
