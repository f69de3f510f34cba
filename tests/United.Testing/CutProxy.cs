using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using United.Core.Storage;

namespace United.Testing;

/// <summary>Stands between a program and its database, and can lose an answer together with the connection.</summary>
public sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _refusing;
    private volatile byte[]? _awaited;
    private int _armed;

    private CutProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = Task.Run(Accept);
    }

    public static async Task<CutProxy> BeforePostgres() => new((await TestDatabase.SharedPostgres).Port);

    /// <summary>A database of the server behind it, reached through it.</summary>
    public PostgresDatabase Open(TestDatabase test) =>
        PostgresDatabase.Open(new NpgsqlConnectionStringBuilder(test.Connection) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.ToString());

    /// <summary>Answers that were lost.</summary>
    public int Cuts { get; private set; }

    /// <summary>The next answer of the database is lost: what was asked is done, and nobody hears of it.</summary>
    public void LoseNextAnswer() => Volatile.Write(ref _armed, 1);

    /// <summary>The answer to what holds these words is lost: it is done, and nobody hears of it.</summary>
    public void LoseAnswerTo(string words) => _awaited = Encoding.ASCII.GetBytes(words);

    /// <summary>Whoever is connected is cut off at the next word, and whoever comes.</summary>
    public void Refuse() => _refusing = true;

    public void AcceptAgain() => _refusing = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(Serve(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
        await Task.WhenAll(connections);
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            if (_refusing) return;
            client.NoDelay = server.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _target);
            // Either direction's end ends both.
            await Task.WhenAny(Forward(client, server, answers: false), Forward(server, client, answers: true));
        }
    }

    private async Task Forward(TcpClient from, TcpClient to, bool answers)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _stop.Token) is var count and > 0 && !_refusing)
            {
                if (!answers && _awaited is { } words && buffer.AsSpan(0, count).IndexOf(words) >= 0)
                {
                    _awaited = null;
                    LoseNextAnswer();
                }
                if (answers && Interlocked.Exchange(ref _armed, 0) == 1)
                {
                    Cuts++;
                    return;
                }
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }
}
