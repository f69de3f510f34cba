using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using United.WebSockets;

namespace United.SocketIo.EngineIo;

/// <summary>
/// One accepted WebSocket: the upgraded stream, its frames, and how it ends. Frames are written by one thread at a time: the session's
/// writer once this is the transport, until then whoever reads from it.
/// </summary>
internal sealed class WebSocketLink : IDisposable
{
    /// <summary>Enough for a message of the default size in fragments of 64 bytes.</summary>
    private const int MostFragments = 16 * 1024;

    /// <summary>How long the other side may take to answer a close frame.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Action _abort;
    private readonly Stream _stream;
    private readonly FrameReader _reader;
    private readonly TimeProvider _time;
    private readonly Lock _ending = new();
    private volatile bool _saidClose;
    private bool _heardClose;
    private int _fragments;
    private bool _ended;
    private TaskCompletionSource? _saying;
    private ITimer? _giveUp;

    /// <param name="abort">Cuts the connection.</param>
    public WebSocketLink(Stream stream, Action abort, EngineServer server)
    {
        (_stream, _abort, _time) = (stream, abort, server.Time);
        _reader = new FrameReader(stream, server.Options.MaxHttpBufferSize, takesText: true);
    }

    /// <summary>Why the conversation ended, where the client broke a rule.</summary>
    public CloseCode Refusal => _fragments > MostFragments ? CloseCode.PolicyViolation : _reader.Refusal;

    /// <summary>The headers of the answer that accepts a WebSocket; over HTTP/2 (RFC 8441) there is less to say.</summary>
    public static void Answer(HttpContext http)
    {
        var headers = http.Response.Headers;
        if (http.Request.Headers.SecWebSocketProtocol is { Count: > 0 } offered) headers.SecWebSocketProtocol = offered.ToString().Split(',')[0].Trim();
        if (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true }) return;
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = WebSocketKey.AcceptFor(http.Request.Headers.SecWebSocketKey.ToString());
    }

    /// <summary>What a connection throws when it goes: there is nothing to repair, and nothing to log.</summary>
    public static bool IsLoss(Exception e) =>
        e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or SocketException or ConnectionAbortedException or WebSocketException;

    /// <summary>Counts the fragments of a message: its size is bounded, but empty ones could go on for ever.</summary>
    /// <returns>False where there are too many.</returns>
    public bool TakesFragment(OpCode opCode)
    {
        _fragments = opCode == OpCode.Continuation ? _fragments + 1 : 0;
        return _fragments <= MostFragments;
    }

    public ValueTask<Frame?> Read() => _reader.Read(CancellationToken.None);

    public ValueTask Write(ReadOnlyMemory<byte> frames) => _stream.WriteAsync(frames);

    /// <summary>Only while this is not the transport.</summary>
    public async Task Close(CloseCode code)
    {
        try
        {
            await Write(EngineMessage.Close(code).Frames);
            SaidClose();
        }
        catch (Exception e) when (IsLoss(e))
        {
            Abort();
        }
    }

    public void SaidClose()
    {
        _saidClose = true;
        // A full fence: either this sees the waiting task, or UntilSaid sees the flag.
        Interlocked.MemoryBarrier();
        _saying?.TrySetResult();
    }

    public void HeardClose() => _heardClose = true;

    public void Abort()
    {
        // Once the request has ended its context must not be touched, and a timer or the writer may come here after that.
        lock (_ending)
        {
            if (!_ended) _abort();
        }
        SaidClose();
    }

    /// <summary>By whoever serves the request, at its end.</summary>
    public void Dispose()
    {
        lock (_ending)
        {
            _ended = true;
            _giveUp?.Dispose();
        }
        _reader.Dispose();
    }

    public void GiveUpSoon()
    {
        lock (_ending)
        {
            if (!_ended) _giveUp ??= _time.CreateTimer(static link => ((WebSocketLink)link!).Abort(), this, Grace, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>
    /// Keeps the connection until both sides have said that they close, or the grace is over. What still comes in is thrown away:
    /// a connection that is closed with unread bytes is reset, and the reset may overtake our close frame.
    /// </summary>
    public async Task Linger()
    {
        GiveUpSoon();
        try
        {
            if (!_heardClose) await ReadToClose();
            await UntilSaid();
        }
        catch (Exception e) when (IsLoss(e))
        {
            Abort();
        }
    }

    private async Task ReadToClose()
    {
        while (await Read() is { } frame)
        {
            if (frame.OpCode == OpCode.Close) return;
        }
        // After a violation nothing that comes can be understood any more.
        var scrap = new byte[4096];
        while (Refusal != CloseCode.None && await _stream.ReadAsync(scrap) > 0)
        {
        }
    }

    private Task UntilSaid()
    {
        var saying = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _saying, saying);
        if (_saidClose) saying.TrySetResult();
        return saying.Task;
    }
}
