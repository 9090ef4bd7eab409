// Each test runs several vCPUs on its own: more at a time would only make them wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
