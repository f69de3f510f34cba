using BenchmarkDotNet.Attributes;

namespace United.Benchmarks;

/// <summary>What one connection queues until its writer comes.</summary>
[MemoryDiagnoser]
public class OutboxBenchmarks
{
    private Action _work = () => { };

    [Params("outbox_1", "outbox_64", "outbox_4096")]
    public string Work { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => _work = Workloads.All[Work]();

    [Benchmark]
    public void AddAndTake() => _work();
}
