using United.WebSockets;

namespace United.SocketIo.EngineIo;

/// <summary>
/// From polling to WebSocket: <c>2probe</c>, <c>3probe</c>, <c>5</c>. Until the <c>5</c> the session stays on polling, whatever happens
/// to the probing WebSocket.
/// </summary>
public sealed partial class EngineSocket
{
    private WebSocketLink? _probe;

    /// <summary>The probe has been answered: from now on polls are released, so that the client can finish its last one.</summary>
    private bool _probed;

    internal Task Upgrade(WebSocketLink link)
    {
        bool taken;
        lock (_gate)
        {
            taken = _state == State.Open && _link is null && _probe is null && Options.AllowUpgrades;
            if (taken) (_probe, _upgradeDue) = (link, _server.Now + (long)Options.UpgradeTimeout.TotalMilliseconds);
        }
        return taken ? Run(link) : TurnAway(link);
    }

    /// <summary>A second WebSocket is accepted and closed again: the original's clients expect a close, not a refusal.</summary>
    private static async Task TurnAway(WebSocketLink link)
    {
        using (link)
        {
            await link.Close(CloseCode.None);
            await link.Linger();
        }
    }

    /// <returns>False where the probe has failed.</returns>
    private async ValueTask<bool> ReceiveOnProbe(WebSocketLink link, Frame frame)
    {
        if (frame.OpCode == OpCode.Text && frame.Payload.Span.SequenceEqual("2probe"u8))
        {
            await link.Write(EngineMessage.Control("3probe"u8).Frames);
            ReleasePoll(link);
            return true;
        }
        return frame.OpCode == OpCode.Text && frame.Payload.Span.SequenceEqual("5"u8) && CompleteUpgrade(link);
    }

    private void ReleasePoll(WebSocketLink link)
    {
        lock (_gate)
        {
            if (_probe != link) return;
            _probed = true;
            if (_poll is not null) Enqueue(EngineMessage.Noop);
        }
    }

    /// <returns>False where the session is gone, or a POST is still being read: its packets and those of the WebSocket would mix.</returns>
    private bool CompleteUpgrade(WebSocketLink link)
    {
        lock (_gate)
        {
            if (_probe != link || _state == State.Closed || _posting) return false;
            (_link, _probe, _probed) = (link, null, false);
            _poll?.SetResult(null);
            _poll = null;
            // A pong that was under way may be lost with the old transport.
            if (_pongDue != 0) AwaitNextPing();
            if (_state == State.Closing) Enqueue(EngineMessage.Close());
            else if (_queue.Count > 0) ScheduleWriting();
            return true;
        }
    }

    /// <returns>True where this link was not the transport.</returns>
    private bool DropProbe(WebSocketLink link)
    {
        lock (_gate)
        {
            if (_probe == link) (_probe, _probed) = (null, false);
            return _link != link;
        }
    }
}
