using System.Reflection;
using System.Runtime.Versioning;
using Determinism.Ownership;

namespace Determinism.Tests;

public class BuildUnderTest
{
    [Theory]
    [InlineData(typeof(CausalOrder))]
    [InlineData(typeof(AccessRight))]
    public void It_is_the_one_for_netstandard(Type type) => Assert.Equal(".NETStandard,Version=v2.0",
        type.Assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName);
}
