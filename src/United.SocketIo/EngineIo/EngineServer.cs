using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using United.WebSockets;

namespace United.SocketIo.EngineIo;

/// <summary>
/// Engine.IO 4: owns the table of sessions and the one timer that all their deadlines hang on. What a request may do is decided by
/// <see cref="RequestCheck"/>, what it does by its <see cref="EngineSocket"/>.
/// </summary>
public sealed class EngineServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, EngineSocket> _sessions = new(StringComparer.Ordinal);
    private readonly Func<EngineSocket, IEngineReceiver> _accept;
    private readonly RequestCheck _check;
    private readonly ITimer _clock;
    private readonly TimeSpan _tick;
    private long _lastTick;
    private int _count;

    /// <summary>Sessions, and those that are about to be: counted before they are opened, so that many at once don't pass the bound.</summary>
    private int _taken;

    private volatile bool _closed;

    /// <param name="accept">Makes the receiver of a new session. It may send at once; the open packet is already on its way.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the exception names it.</exception>
    public EngineServer(EngineOptions options, Func<EngineSocket, IEngineReceiver> accept, ILoggerFactory? logs = null, TimeProvider? time = null)
    {
        options.Validate();
        Options = options;
        _accept = accept;
        Log = (logs ?? NullLoggerFactory.Instance).CreateLogger("United.SocketIo.Engine");
        Time = time ?? TimeProvider.System;
        _check = new RequestCheck(this);
        _tick = TickFor(options);
        _clock = Time.CreateTimer(_ => Tick(), null, _tick, _tick);
    }

    public EngineOptions Options { get; }

    /// <summary>Sessions that are open now.</summary>
    public int Count => Volatile.Read(ref _count);

    internal WriteSchedule Writes { get; } = new();

    internal ILogger Log { get; }

    internal TimeProvider Time { get; }

    /// <summary>Milliseconds of a clock that never goes back.</summary>
    internal long Now => (long)Time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>
    /// Answers one request of any kind: handshake, poll, POST, WebSocket, preflight. Steps that complete at once are not awaited: each method
    /// that waits would take memory for as long as a WebSocket lives.
    /// </summary>
    public Task Handle(HttpContext http)
    {
        if (Cors.Apply(Options.Cors, http)) return Task.CompletedTask;
        var request = EngineRequest.Read(http);
        var session = request.Sid is null ? null : Find(request.Sid);
        var check = _check.Refusal(request, session);
        return check.IsCompletedSuccessfully ? Serve(request, session, check.Result) : ServeChecked(request, session, check.AsTask());
    }

    /// <summary>Ends every session, releases every poll, and refuses what comes from now on.</summary>
    public async Task Close()
    {
        _closed = true;
        await _clock.DisposeAsync();
        foreach (var session in _sessions.Values) session.CloseNow(CloseReasons.ServerShuttingDown);
    }

    public async ValueTask DisposeAsync() => await Close();

    internal bool IsFull => _closed || Volatile.Read(ref _taken) >= Options.MaxSessions;

    internal void GiveBack() => Interlocked.Decrement(ref _taken);

    internal void Forget(EngineSocket session)
    {
        if (!_sessions.TryRemove(session.Id, out _)) return;
        Interlocked.Decrement(ref _count);
        SocketIoMetrics.Sessions.Add(-1);
        session.LeavePlace();
    }

    private EngineSocket? Find(string sid)
    {
        if (!_sessions.TryGetValue(sid, out var session)) return null;
        // A deadline counts from when it was due, not from when the timer came round.
        session.Tick(Now, mayExpire: true);
        return session.IsClosed ? null : session;
    }

    private async Task ServeChecked(EngineRequest request, EngineSocket? session, Task<EngineError?> check) => await Serve(request, session, await check);

    private Task Serve(EngineRequest request, EngineSocket? session, EngineError? error)
    {
        if (error is null && session is null && (session = New(request)) is null) error = EngineError.AtCapacity;
        if (error is null) return request.IsWebSocket ? ServeWebSocket(request, session!) : ServePolling(request, session!);
        EngineLog.Refused(Log, error.Code, error.Context);
        Options.ConnectionError?.Invoke(new ConnectionError(request.Http, error.Code, error.Message, error.Context));
        return error.Answer(request.Http, request.IsWebSocket);
    }

    private Task ServePolling(EngineRequest request, EngineSocket session)
    {
        if (request.Sid is not null && !request.IsGet) return session.Push(request.Http);
        return (request.Sid is null ? Open(session, link: null) : session).Poll(request.Http);
    }

    // The method that waits for a WebSocket's end gets only what it needs of the request.
    private Task ServeWebSocket(EngineRequest request, EngineSocket session)
    {
        WebSocketLink.Answer(request.Http);
        return ServeUpgraded(request.Http, session, isNew: request.Sid is null);
    }

    private async Task ServeUpgraded(HttpContext http, EngineSocket session, bool isNew)
    {
        try
        {
            await WebSocketUpgrade.Serve(http, Serving(session, isNew));
        }
        catch
        {
            // It may not have been opened, and then nobody else gives its place back.
            if (isNew) session.LeavePlace();
            throw;
        }
    }

    // Made apart from the request, which is not to live as long as the WebSocket.
    private Func<Stream, Action, Task> Serving(EngineSocket session, bool isNew) =>
        (stream, abort) => ServeLink(session, isNew, new WebSocketLink(stream, abort, this));

    private Task ServeLink(EngineSocket session, bool isNew, WebSocketLink link)
    {
        if (!isNew) return session.Upgrade(link);
        Open(session, link);
        return session.Run(link);
    }

    // Made before a WebSocket is accepted: its headers go out with the acceptance.
    private EngineSocket? New(EngineRequest request)
    {
        IDisposable? place = null;
        if (Options.EnterSession is { } enter && (place = enter(request.Http)) is null) return null;
        if (Interlocked.Increment(ref _taken) > Options.MaxSessions)
        {
            GiveBack();
            place?.Dispose();
            return null;
        }
        var session = new EngineSocket(this, new EngineHandshake(request, Time.GetUtcNow()), request.Base64Only, place);
        if (Options.Cookie is { } cookie)
            request.Http.Response.Cookies.Append(cookie.Name, session.Id, cookie.For(request.Http.Request));
        return session;
    }

    private EngineSocket Open(EngineSocket session, WebSocketLink? link)
    {
        // Opened before the timer can see it: a session without a deadline would be pinged at once.
        session.Open(link);
        _sessions[session.Id] = session;
        Interlocked.Increment(ref _count);
        SocketIoMetrics.Sessions.Add(1);
        session.Attach(_accept(session));
        // Close() may have walked the table just before this session was in it.
        if (_closed) session.CloseNow(CloseReasons.ServerShuttingDown);
        return session;
    }

    private void Tick()
    {
        var now = Now;
        var heldUp = now - _lastTick > 3 * _tick.TotalMilliseconds;
        _lastTick = now;
        foreach (var (_, session) in _sessions) session.Tick(now, mayExpire: !heldUp);
    }

    /// <summary>A twentieth of the shortest deadline, but no more than 100 and no less than 2 times a second.</summary>
    private static TimeSpan TickFor(EngineOptions options)
    {
        var shortest = Math.Min(options.PingInterval.TotalMilliseconds, Math.Min(options.PingTimeout.TotalMilliseconds, options.UpgradeTimeout.TotalMilliseconds));
        return TimeSpan.FromMilliseconds(Math.Clamp(shortest / 20, 10, 500));
    }
}
