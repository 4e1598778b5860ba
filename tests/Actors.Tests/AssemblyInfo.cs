// Actor systems are many threads each: side by side on two cores their time-outs would measure the scheduler.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
