// Servers, databases and load generators share the machine's cores: side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
