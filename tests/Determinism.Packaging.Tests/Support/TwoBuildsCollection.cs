namespace Determinism.Packaging.Tests.Support;

/// <summary>The tests that look at the same packages.</summary>
[CollectionDefinition(TwoBuilds.Name)]
public sealed class TwoBuildsCollection : ICollectionFixture<TwoBuilds>;
