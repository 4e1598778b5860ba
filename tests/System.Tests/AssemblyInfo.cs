// Every test starts several processes: side by side on two cores they would only take each other's time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
