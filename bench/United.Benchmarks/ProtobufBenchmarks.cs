using BenchmarkDotNet.Attributes;

namespace United.Benchmarks;

/// <summary>Events into frames of the protobuf socket, requests out of them; the largest and the hostile beside the usual.</summary>
[MemoryDiagnoser]
public class ProtobufBenchmarks
{
    private Action _work = () => { };

    [Params("encode_message", "encode_message_largest", "parse_send_message", "parse_send_message_largest", "parse_garbage")]
    public string Work { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => _work = Workloads.All[Work]();

    [Benchmark]
    public void Run() => _work();
}
