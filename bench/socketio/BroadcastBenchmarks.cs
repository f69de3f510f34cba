using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace United.SocketIo.Bench;

/// <summary>
/// One broadcast until the last client has it, through Kestrel and real sockets. What is allocated must not grow with the receivers:
/// compare the rows.
/// </summary>
[MemoryDiagnoser]
[InProcess]
[WarmupCount(2)]
[IterationCount(4)]
[InvocationCount(64, 1)]
public class BroadcastBenchmarks
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private WebApplication _app = null!;
    private SocketIoServer _io = null!;
    private Clients _clients = null!;
    private Epoll _epoll = null!;
    private long _expected;

    [Params(10, 100, 1000)]
    public int Receivers { get; set; }

    /// <summary>Apart from the program's start: the server that is measured does not load what measures.</summary>
    public static void Run() => BenchmarkRunner.Run<BroadcastBenchmarks>();

    [GlobalSetup]
    public async Task Start()
    {
        _app = await BenchServer.Start();
        _io = _app.Services.GetRequiredService<SocketIoServer>();
        _clients = Clients.Connect(BenchServer.PortOf(_app), Receivers);
        _epoll = new Epoll();
        for (var i = 0; i < Receivers; i++) _epoll.Watch(_clients[i], i);
        _expected = (long)Receivers * TextFrame.LengthOfServer("""42["news","text of a usual length, as people write it"]""");
    }

    [Benchmark]
    public void Broadcast()
    {
        _io.Emit("news", "text of a usual length, as people write it");
        for (var received = 0L; received < _expected;)
        {
            foreach (var ready in _epoll.Wait(TimeSpan.FromSeconds(1))) received += Epoll.Receive(_clients[(int)ready.Data], _buffer);
        }
    }

    [GlobalCleanup]
    public async Task Stop()
    {
        _epoll.Dispose();
        _clients.Dispose();
        await _app.DisposeAsync();
    }
}
