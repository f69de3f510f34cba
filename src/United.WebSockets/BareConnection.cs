using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace United.WebSockets;

/// <summary>
/// A connection that outlives the HTTP server on it. That server is given stand-ins for the connection's pipes and its heartbeat. Once a
/// WebSocket has taken the connection they keep the server's good-byes to themselves; the server ends as after any last request, nothing
/// refers to it any more, and the WebSocket goes on with the pipe that is read, and with the socket itself for what it writes.
/// </summary>
/// <remarks>
/// Nothing that the client has sent behind its handshake is lost: HTTP reads no further than the request, and what it has not
/// consumed stays in the pipe.
/// </remarks>
internal sealed class BareConnection(ConnectionContext connection)
{
    // Another TLS layer between this and the server would have to be taken along; then HTTP stays.
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
    /// Accepts the WebSocket. The answer is kept from the pipe and sent when HTTP has ended, where that can be: then nothing is on its way through
    /// the pipe, and the socket is free for its new owner.
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
