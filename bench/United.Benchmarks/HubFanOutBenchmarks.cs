using BenchmarkDotNet.Attributes;

namespace United.Benchmarks;

/// <summary>An event to in-memory sessions: divide by the receivers for the cost of one.</summary>
[MemoryDiagnoser]
public class HubFanOutBenchmarks
{
    private Action _work = () => { };

    [Params("fan_out_open_10", "fan_out_open_1000", "fan_out_open_10000", "fan_out_members_1000", "fan_out_closed_1000")]
    public string Work { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => _work = Workloads.All[Work]();

    [Benchmark]
    public void Tell() => _work();
}
