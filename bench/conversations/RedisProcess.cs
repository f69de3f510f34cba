using System.Diagnostics;
using System.Net.Sockets;
using United.Testing;

namespace United.ConversationsBench;

/// <summary>A Redis of its own, for the reference's adapter.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly Process _process;

    private RedisProcess(int port)
    {
        Port = port;
        _process = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public int Port { get; }

    public static async Task<RedisProcess> Start()
    {
        var redis = new RedisProcess(LoopbackPort.Take());
        while (!redis.Answers()) await Task.Delay(50);
        return redis;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private bool Answers()
    {
        try
        {
            using var tcp = new TcpClient("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
