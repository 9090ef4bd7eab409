using Determinism.Ownership;

namespace Determinism.Conformance.Tests;

/// <summary>A kit that nothing fails proves nothing: each specification meets mistakes, and each fact finds one.</summary>
public sealed class KitIsAliveTests
{
    public static TheoryData<string> Names => [.. Catches.All.Select(NameOf)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_facts_that_should_find_a_mistake_do(string name)
    {
        Catch one = Assert.Single(Catches.All, one => NameOf(one) == name);
        foreach (string fact in one.Facts)
        {
            int tries = one.Racing.Contains(fact) ? Catch.MostTries : 1;
            Assert.True(Enumerable.Range(1, tries).Any(seed => Fails(one, (ulong)seed, fact)), $"{fact} does not find {name}.");
        }
    }

    /// <summary>A clock that is not supported is told, not found out by facts that fail.</summary>
    [Theory]
    [InlineData(nameof(SerialBackendSpecification))]
    [InlineData(nameof(ParallelBackendSpecification))]
    [InlineData(nameof(AsynchronousBackendSpecification))]
    public void The_facts_name_a_clock_that_is_not_supported(string specification)
    {
        object Make() => specification switch
        {
            nameof(SerialBackendSpecification) => Specimens.Serial(MachineFlaw.CountsBranches),
            nameof(ParallelBackendSpecification) => Specimens.Parallel(MachineFlaw.CountsBranches),
            _ => Specimens.Asynchronous(MachineFlaw.CountsBranches),
        };
        Type type = Assert.Single(Kit.Specifications, type => type.Name == specification);
        foreach (string fact in Kit.FactsOf(type))
        {
            Exception? failure = Record.Exception(() => Kit.Run(Make, fact));
            Assert.Contains("HardwareBranches is not supported yet", failure?.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_fact_finds_a_mistake()
    {
        IEnumerable<string> blind = Kit.Specifications.SelectMany(Kit.DeclaredFactsOf)
            .Where(fact => !Catches.All.Any(one => fact.DeclaringType!.IsAssignableFrom(one.Specification)
                && one.Facts.Contains(fact.Name)))
            .Select(fact => $"{fact.DeclaringType!.Name}.{fact.Name}");
        Assert.Empty(blind);
    }

    [Fact]
    public void Every_mistake_is_found()
    {
        IEnumerable<object> flaws =
        [
            .. Enum.GetValues<TrackerFlaw>().Cast<object>(), .. Enum.GetValues<LogFlaw>().Cast<object>(),
            .. Enum.GetValues<SchedulerFlaw>().Cast<object>(), .. Enum.GetValues<MachineFlaw>().Cast<object>(),
            .. Enum.GetValues<RunFlaw>().Cast<object>(),
        ];
        Assert.Empty(flaws.Except(Catches.All.Select(one => one.Flaw)));
    }

    /// <summary>A specification without a class that derives from it is not run at all.</summary>
    [Fact]
    public void No_specification_is_left_out()
    {
        Type[] here = typeof(KitIsAliveTests).Assembly.GetTypes();
        foreach (Type specification in Kit.Specifications)
            Assert.Contains(here, type => type is { IsPublic: true, IsAbstract: false } && type.IsSubclassOf(specification));
        Assert.Equal(
        [
            nameof(AsynchronousBackendSpecification), nameof(EventLogCostSpecification), nameof(EventLogSpecification),
            nameof(ForcedExitSpecification), nameof(PageOwnershipTrackerCostSpecification),
            nameof(PageOwnershipTrackerSpecification), nameof(ParallelBackendSpecification), nameof(RecordReplaySpecification),
            nameof(RecordingSchedulerSpecification), nameof(ReplaySchedulerSpecification), nameof(SerialBackendSpecification),
            nameof(VcpuSchedulerSpecification),
        ], Kit.Specifications.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Whoever adds a log or a scheduler adds it here too.</summary>
    [Fact]
    public void No_implementation_is_left_out()
    {
        string[] tested = ["CrewTracker`1", "MemoryEventLog", "FileEventLog", "ParallelScheduler", "SerialScheduler",
            "ChaosScheduler", "ReplayScheduler"];
        IEnumerable<string> implemented = typeof(CrewOptions).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && (type.IsAssignableTo(typeof(IEventLog))
                || type.IsAssignableTo(typeof(IVcpuScheduler)) || type.IsAssignableTo(typeof(IPageOwnershipTracker))))
            .Select(type => type.Name);
        Assert.Equal(tested.Order(StringComparer.Ordinal), implemented.Order(StringComparer.Ordinal));
    }

    /// <summary>The kit asks for nothing but the contracts and the two packages of the test framework.</summary>
    [Fact]
    public void The_kit_stands_on_the_contracts_and_the_test_framework_alone() => Assert.Equal(
        ["Determinism.Abstractions", "xunit.assert", "xunit.core"],
        typeof(EventLogSpecification).Assembly.GetReferencedAssemblies().Select(name => name.Name)
            .Where(name => !name!.StartsWith("System", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    /// <summary>The page for users says what the kit does, no more and no less.</summary>
    [Fact]
    public void The_page_of_the_kit_names_every_fact_and_what_it_finds()
    {
        IEnumerable<string> rows = Kit.Specifications.SelectMany(Kit.DeclaredFactsOf).Select(fact =>
        {
            IEnumerable<string> found = Catches.All
                .Where(one => fact.DeclaringType!.IsAssignableFrom(one.Specification) && one.Facts.Contains(fact.Name))
                .Select(one => one.Flaw.ToString()!).Distinct();
            return $"| {fact.Name.Replace('_', ' ')} | {string.Join(", ", found)} |";
        });
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "conformance.md"));
        IEnumerable<string> written = page.Split('\n').Where(line => line.StartsWith('|')
            && !line.StartsWith("| fact", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal));
        Assert.Equal(rows.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    private static bool Fails(Catch one, ulong seed, string fact) =>
        Record.Exception(() => Kit.Run(() => one.Make(seed), fact)) is not null;

    private static string NameOf(Catch one) => $"{one.Specification.Name}: {one.Flaw}";
}
