using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace United.WebSockets;

/// <summary>
/// A connection that outlives the HTTP server on it. The server gets stand-ins for the connection's pipes and heartbeat. Once a WebSocket has
/// taken the connection, the stand-ins swallow what the server does to end it: the server finishes as after any last request and is freed, and
/// the WebSocket goes on, reading from the pipe and writing to the socket itself.
/// </summary>
/// <remarks>
/// What the client has sent right after its handshake is not lost: HTTP consumes no more than the request, and the rest stays in the pipe.
/// </remarks>
internal sealed class BareConnection(ConnectionContext connection)
{
    // Where another TLS layer stands between this and the server, the bytes seen here are not HTTP's: then the connection stays with HTTP.
    private readonly bool _isEncrypted = connection.Features.Get<ITlsHandshakeFeature>() is not null;
    private StandInPipe? _pipe;
    private Func<Stream, Action, Task>? _serve;
    private byte[]? _answer;

    private Socket? Socket => connection.Features.Get<IConnectionSocketFeature>()?.Socket;

    public async Task Run(ConnectionDelegate http)
    {
        try
        {
            await RunHttp(http);
        }
        finally
        {
            if (_serve is not null) await Serve(await Open());
        }
    }

    /// <summary>The bytes of this connection are those that HTTP sees.</summary>
    public bool MayBeTaken => _pipe is not null && _isEncrypted == connection.Features.Get<ITlsHandshakeFeature>() is not null;

    /// <summary>
    /// Accepts the WebSocket. Where possible the answer is held back from the pipe and written to the socket when HTTP has ended: then nothing is
    /// still on its way through the pipe, and the socket is free for its new owner.
    /// </summary>
    public async Task Take(IHttpUpgradeFeature http, Func<Stream, Action, Task> serve)
    {
        var pipe = _pipe!;
        if (!_isEncrypted && Socket is not null) pipe.Hold();
        try
        {
            await http.UpgradeAsync();
        }
        catch
        {
            // Nothing has been written yet. HTTP says what went wrong.
            pipe.Release();
            throw;
        }
        pipe.Keep();
        _serve = serve;
    }

    private Task Serve(Stream stream)
    {
        var serve = _serve!;
        _serve = null;
        Leftovers.OfProcess.HandshakeIsOver();
        return serve(stream, connection.Abort);
    }

    private async Task<Stream> Open()
    {
        if (_answer is not { } answer) return new BareStream(connection.Transport, socket: null);
        _answer = null;
        Socket!.Blocking = false;
        var stream = new BareStream(connection.Transport, Socket);
        try
        {
            await stream.WriteAsync(answer);
        }
        catch (IOException)
        {
            // The client has gone; whoever serves it reads that.
        }
        return stream;
    }

    private async Task RunHttp(ConnectionDelegate http)
    {
        var (transport, features) = (connection.Transport, connection.Features);
        var heartbeat = features.Get<IConnectionHeartbeatFeature>();
        var beats = new StandInHeartbeat(heartbeat);
        connection.Transport = _pipe = new StandInPipe(transport);
        features.Set<IConnectionHeartbeatFeature>(beats);
        features.Set(this);
        try
        {
            await http(connection);
        }
        finally
        {
            _answer = _pipe.Held;
            _pipe = null;
            beats.End();
            features.Set<BareConnection>(null);
            features.Set(heartbeat);
            connection.Transport = transport;
        }
    }
}
