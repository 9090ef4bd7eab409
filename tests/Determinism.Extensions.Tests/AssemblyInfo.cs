// A .NET host listens to the meters of the whole process: the host of one test that starts while another test makes its
// instruments may be told of one of them twice, which its listener does not bear.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
