// Each test waits for builds that use all processors by themselves.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
