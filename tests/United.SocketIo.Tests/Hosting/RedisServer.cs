using System.Diagnostics;
using System.Net.Sockets;
using United.Testing;

namespace United.SocketIo.Tests.Hosting;

/// <summary>A Redis of its own on a free port of the loopback, that can be killed and started again.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redis");
    private Process? _process;

    public int Port { get; } = LoopbackPort.Take();

    public static async Task<RedisServer> Start()
    {
        var redis = new RedisServer();
        await redis.Up();
        return redis;
    }

    public async Task Up()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder.FullName])
        {
            RedirectStandardOutput = true,
        })!;
        _process.BeginOutputReadLine();
        await Eventually.Holds(Answers);
    }

    public async Task Down()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Down();
        _folder.Delete(recursive: true);
    }

    private bool Answers()
    {
        try
        {
            using var tcp = new TcpClient("127.0.0.1", Port);
            tcp.GetStream().Write("PING\r\n"u8);
            return tcp.GetStream().ReadByte() == '+';
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
