using Microsoft.AspNetCore.Connections.Features;

namespace United.WebSockets;

/// <summary>Passes a connection's beats on to the HTTP server for as long as there is one: registered with the connection itself, the server would be kept until the connection ends.</summary>
internal sealed class StandInHeartbeat(IConnectionHeartbeatFeature? connection) : IConnectionHeartbeatFeature
{
    private readonly Lock _gate = new();
    private (Action<object> Action, object State)[]? _listeners = [];

    public void OnHeartbeat(Action<object> action, object state)
    {
        lock (_gate)
        {
            if (_listeners is not { } before) return;
            _listeners = [.. before, (action, state)];
            if (before.Length == 0) connection?.OnHeartbeat(static me => ((StandInHeartbeat)me).Beat(), this);
        }
    }

    public void End()
    {
        lock (_gate) _listeners = null;
    }

    private void Beat()
    {
        (Action<object> Action, object State)[]? listeners;
        lock (_gate) listeners = _listeners;
        foreach (var (action, state) in listeners ?? []) action(state);
    }
}
