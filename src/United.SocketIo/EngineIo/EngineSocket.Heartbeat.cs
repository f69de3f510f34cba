namespace United.SocketIo.EngineIo;

public sealed partial class EngineSocket
{
    private long _pingDue;

    /// <summary>When the answer to the last ping is due; 0 while none is awaited.</summary>
    private long _pongDue;

    private bool _pongDueExtended;
    private long _upgradeDue;

    private long PingTimeoutMs => (long)Options.PingTimeout.TotalMilliseconds;

    /// <summary>Does what is due. Called by the server's timer and before each request is judged.</summary>
    /// <param name="mayExpire">False where the process was held up: a pong may have come that nobody has had the time to read.</param>
    internal void Tick(long now, bool mayExpire)
    {
        string? reason;
        WebSocketLink? late = null;
        lock (_gate)
        {
            if (_state == State.Closed) return;
            if (_state == State.Open) PingIfDue(now);
            reason = mayExpire ? Expired(now) : null;
            if (_probe is not null && now >= _upgradeDue) (late, _probe, _probed) = (_probe, null, false);
        }
        late?.Abort();
        if (reason is not null) CloseNow(reason);
    }

    private string? Expired(long now)
    {
        if (_state == State.Closing) return now >= _forceCloseDue ? CloseReasons.ForcedClose : null;
        return _pongDue != 0 && now >= _pongDue ? CloseReasons.PingTimeout : null;
    }

    /// <summary>
    /// The answer's deadline counts from when the ping goes out. Where it cannot, because no poll is there to take it, it counts from
    /// when the ping was due, so that a coarse timer costs no precision; but a process that slept (a suspended machine) charges its
    /// clients half the time-out at most.
    /// </summary>
    private void PingIfDue(long now)
    {
        if (_pongDue != 0 || now < _pingDue) return;
        var goesOut = _link is not null || _poll is not null;
        _pongDue = (goesOut ? now : Math.Max(_pingDue, now - PingTimeoutMs / 2)) + PingTimeoutMs;
        _pongDueExtended = false;
        Enqueue(EngineMessage.Ping);
    }

    /// <summary>While a pong is awaited, the first other packet extends its deadline, once: the client lives, its link is busy.</summary>
    private void NoteLife(bool isPong)
    {
        lock (_gate)
        {
            if (_pongDue == 0) return;
            if (isPong) AwaitNextPing();
            else if (!_pongDueExtended) (_pongDue, _pongDueExtended) = (_server.Now + PingTimeoutMs, true);
        }
    }

    private void AwaitNextPing()
    {
        _pongDue = 0;
        _pingDue = _server.Now + (long)Options.PingInterval.TotalMilliseconds;
    }
}
