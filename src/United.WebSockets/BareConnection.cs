using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace United.WebSockets;

/// <summary>
/// A connection that outlives the HTTP server on it. That server is given stand-ins for the connection's pipes and its heartbeat. Once a
/// WebSocket has taken the connection they keep the server's good-byes to themselves; the server ends as after any last request, nothing
/// refers to it any more, and the WebSocket goes on with the pipes themselves.
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

    public async Task Run(ConnectionDelegate http)
    {
        try
        {
            await RunHttp(http);
        }
        finally
        {
            if (_serve is { } serve)
            {
                _serve = null;
                await serve(new PipeStream(connection.Transport), connection.Abort);
            }
        }
    }

    /// <returns>False where the bytes of this connection are not those that HTTP sees.</returns>
    public bool TryTake(Func<Stream, Action, Task> serve)
    {
        if (_pipe is null || _isEncrypted != connection.Features.Get<ITlsHandshakeFeature>() is not null) return false;
        _pipe.Keep();
        _serve = serve;
        return true;
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
            _pipe = null;
            beats.End();
            features.Set<BareConnection>(null);
            features.Set(heartbeat);
            connection.Transport = transport;
        }
    }
}
