using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Determinism.Tests")]
[assembly: InternalsVisibleTo("Determinism.Conformance.Tests")]
[assembly: InternalsVisibleTo("Determinism.Conformance.Tests.NetStandard")]
[assembly: InternalsVisibleTo("Determinism.Machine.Tests")]
[assembly: InternalsVisibleTo("Determinism.Kvm.Tests")]
[assembly: InternalsVisibleTo("Determinism.Litmus.Tests")]
[assembly: InternalsVisibleTo("Determinism.Tests.NetStandard")]
[assembly: InternalsVisibleTo("Determinism.Log.Tests")]
[assembly: InternalsVisibleTo("Determinism.Tool")]
[assembly: InternalsVisibleTo("Determinism.Tool.Tests")]
[assembly: InternalsVisibleTo("Determinism.LogSpeed")]
[assembly: InternalsVisibleTo("Determinism.SharingOverhead.Tests")]
