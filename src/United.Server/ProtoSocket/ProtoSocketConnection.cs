using United.Core;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Server.Hosting;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>What all connections share.</summary>
internal sealed record ProtoSocketParts(
    ProtoSocketDispatch Dispatch, Hub Hub, EventEncoder Encoder, Heartbeats Heartbeats, RateLimits Limits, ConnectionCounts Counts, TimeProvider Time);

/// <summary>
/// One client, from its upgrade to its end. Three parts that never wait for each other: this task reads, the request queue handles, and
/// the outbox's writer writes. Whoever wants it to end closes the outbox; the writer says good-bye, and the reader waits for the
/// client's answer to that, but not long.
/// </summary>
internal sealed class ProtoSocketConnection : IDisposable
{
    /// <summary>The largest message that is taken, in bytes.</summary>
    public const int MostMessage = 128 * 1024;

    /// <summary>A token or a proof has to fit, and nothing else.</summary>
    public const int MostBeforeSignIn = 2 * 1024;

    private const int MostMalformed = 5;

    private static readonly TimeSpan SignInTime = TimeSpan.FromSeconds(10);

    // For the client's half of the closing handshake, and for what is still on its way to it.
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(5);

    private static readonly byte[] PingFrame = Frame.Encode(OpCode.Ping, []);

    private readonly ProtoSocketParts _parts;
    private readonly Stream _stream;
    private readonly Visitor _visitor;
    private readonly FrameReader _reader;
    private readonly Outbox _outbox = new();
    private readonly RequestQueue _requests;
    private readonly FrameRate _rate;
    private readonly CancellationTokenSource _end = new();
    private ITimer? _signInDeadline;
    private ITimer? _endTimer;
    private Session? _session;
    private IDisposable? _place;
    private CloseCode _closeCode;
    private int _malformed;
    private bool _pinged;
    private bool _ending;
    private bool _heard = true;

    public ProtoSocketConnection(ProtoSocketParts parts, Stream stream, Visitor visitor)
    {
        (_parts, _stream, _visitor) = (parts, stream, visitor);
        _reader = new FrameReader(stream, MostBeforeSignIn);
        _requests = new RequestQueue(Handle);
        _rate = new FrameRate(parts.Limits);
    }

    /// <param name="token">The access token that came with the opening request.</param>
    /// <param name="abort">Cuts the connection, and with it every read and write that is under way.</param>
    public async Task Run(string? token, Action abort)
    {
        using var aborting = _end.Token.Register(abort);
        using var cutting = _outbox.Cut.Register(EndSoon);
        var slot = _parts.Heartbeats.Join(this);
        var writing = Write();
        try
        {
            _signInDeadline = _parts.Time.CreateTimer(_ => TurnAway(""), null, SignInTime, Timeout.InfiniteTimeSpan);
            if (token is not null) await SignIn(new Envelope { TokenAuth = new TokenAuth { AccessToken = token } });
            await Read();
        }
        finally
        {
            slot.Leave(this);
            await Leave(writing);
        }
    }

    // Its own source of cancellation is not disposed of: a beat or a timer may still be about to use it, and it holds nothing.
    public void Dispose() => _reader.Dispose();

    public void GoAway() => _outbox.Close(CloseReason.GoingAway);

    /// <summary>Every 15 seconds: a ping by one call, and by the next something must have come since.</summary>
    public void Beat()
    {
        if (!_pinged && _outbox.Closed is null)
        {
            _pinged = true;
            Volatile.Write(ref _heard, false);
            _outbox.Add(PingFrame);
            return;
        }
        // Closed at the last beat and still here: the good-bye does not get through.
        if (_ending) _end.Cancel();
        if (_outbox.Closed is null && !Volatile.Read(ref _heard)) _outbox.Close(CloseReason.Silent);
        _ending = _outbox.Closed is not null;
        _pinged = false;
    }

    private async Task Leave(Task writing)
    {
        _outbox.Close(CloseReason.Gone);
        if (_session is not null) _parts.Hub.Detach(_session);
        await (_signInDeadline?.DisposeAsync() ?? default);
        await writing;
        await _requests.Stop();
        await (Interlocked.Exchange(ref _endTimer, null)?.DisposeAsync() ?? default);
        _place?.Dispose();
    }

    private async Task Read()
    {
        try
        {
            while (await _reader.Read(_end.Token) is { } frame)
            {
                Volatile.Write(ref _heard, true);
                if (frame.OpCode == OpCode.Close)
                {
                    Close(Frame.AnswerToClose(frame.Payload.Span), CloseReason.Gone);
                    return;
                }
                if (_outbox.Closed is null) await Take(frame);
            }
            if (_reader.Refusal == CloseCode.None) return;
            Close(_reader.Refusal, CloseReason.Malformed);
            await Drain();
        }
        catch (Exception e) when (IsGone(e))
        {
            // The client went without a word, or did not answer ours.
        }
    }

    // Closing a socket that holds unread bytes resets it, and the client would lose the close frame that tells it why.
    private async Task Drain()
    {
        var scratch = new byte[1024];
        while (await _stream.ReadAsync(scratch, _end.Token) > 0)
        {
        }
    }

    private async Task Write()
    {
        try
        {
            var reason = await SessionWriter.Run(_outbox, (frames, _) => FrameBatch.Write(_stream, frames));
            await _stream.WriteAsync(Goodbye(reason));
            EndSoon();
        }
        catch (Exception e) when (IsGone(e))
        {
            _outbox.Close(CloseReason.Gone);
            await _end.CancelAsync();
        }
    }

    private byte[] Goodbye(CloseReason reason)
    {
        var close = Frame.EncodeClose(_closeCode == CloseCode.None ? (CloseCode)reason.Code : _closeCode, reason.Text);
        return reason.Code == CloseReason.NotSignedIn.Code && _session is not null
            ? [.. EnvelopeFrame.Encode(new Envelope { SessionEnded = new SessionEnded { Reason = reason.Text } }), .. close]
            : close;
    }

    private void Close(CloseCode code, CloseReason reason)
    {
        _closeCode = code;
        _outbox.Close(reason);
    }

    private void EndSoon()
    {
        var timer = _parts.Time.CreateTimer(_ => _end.Cancel(), null, GoodbyeTime, Timeout.InfiniteTimeSpan);
        if (Interlocked.CompareExchange(ref _endTimer, timer, null) is not null) timer.Dispose();
    }

    private ValueTask Take(Frame frame)
    {
        var wait = _rate.Take();
        if (wait > TimeSpan.Zero) return Overrun(frame, wait);
        if (frame.OpCode == OpCode.Ping) _outbox.Add(Frame.Encode(OpCode.Pong, frame.Payload.Span));
        return frame.OpCode == OpCode.Binary ? Message(frame.Payload.Span) : default;
    }

    private ValueTask Overrun(Frame frame, TimeSpan wait)
    {
        if (_rate.IsIgnored) _outbox.Close(CloseReason.RateLimited);
        else if (frame.OpCode == OpCode.Binary && EnvelopeParser.Parse(frame.Payload.Span) is { } request)
            Refuse(new Refusal(Fault.RateLimited, RetryAfter: wait), request.RequestId);
        return default;
    }

    private ValueTask Message(ReadOnlySpan<byte> payload)
    {
        if (EnvelopeParser.Parse(payload) is not { } request) Malformed();
        else if (_session is null) return new(Welcome(request));
        else if (!_requests.TryAdd(request, payload.Length))
            Refuse(new Refusal(Fault.RateLimited, Reason: "Too many requests wait for their answer.", RetryAfter: TimeSpan.FromSeconds(1)), request.RequestId);
        return default;
    }

    private void Malformed()
    {
        Refuse(Fault.Malformed, "");
        if (++_malformed == MostMalformed) _outbox.Close(CloseReason.Malformed);
    }

    // Awaited by the reader: before sign-in one thing happens at a time.
    private async Task Welcome(Envelope request)
    {
        switch (request.PayloadCase)
        {
            case Envelope.PayloadOneofCase.TokenAuth or Envelope.PayloadOneofCase.ChallengeResponse:
                await SignIn(request);
                break;
            case Envelope.PayloadOneofCase.ChallengeRequest or Envelope.PayloadOneofCase.ServerInfoRequest or Envelope.PayloadOneofCase.Ping:
                Answer(await _parts.Dispatch.Answer(_visitor, request, _end.Token), request);
                break;
            default:
                TurnAway(request.RequestId);
                break;
        }
    }

    private void TurnAway(string requestId)
    {
        Refuse(Fault.Unauthorized, requestId);
        _outbox.Close(CloseReason.NotSignedIn);
    }

    private async Task SignIn(Envelope request)
    {
        var proved = await _parts.Dispatch.SignIn(_visitor, request, _end.Token);
        if (!proved.TryGet(out var welcome, out var refusal))
        {
            NotWelcome(refusal, CloseReason.NotSignedIn, request);
            return;
        }
        _place = _parts.Counts.Enter(welcome.Caller.UserId);
        if (_place is null)
        {
            NotWelcome(Fault.TooMany, CloseReason.RateLimited, request);
            return;
        }
        await (_signInDeadline?.DisposeAsync() ?? default);
        _session = new OutboxSession(welcome.Caller.UserId, welcome.Caller.SessionId, _parts.Encoder, _outbox, welcome.Greeting);
        _reader.MostMessage = MostMessage;
        if (!await _parts.Dispatch.Attach(_session, _end.Token)) _outbox.Close(CloseReason.Internal);
    }

    private void NotWelcome(Refusal refusal, CloseReason reason, Envelope request)
    {
        Send(new Envelope { RequestId = request.RequestId, AuthResult = new AuthResult { Ok = false, Error = refusal.Fault.Code } });
        _outbox.Close(reason);
    }

    private async Task Handle(Envelope request) => Answer(await _parts.Dispatch.Answer(_session!, _visitor, request, _end.Token), request);

    private void Answer(Result<Envelope> result, Envelope request)
    {
        if (result.TryGet(out var answer, out var refusal))
        {
            answer.RequestId = request.RequestId;
            Send(answer);
        }
        else if (refusal.Fault == Fault.SessionEnded && _session is not null) _outbox.Close(CloseReason.SessionEnded(Fault.SessionEnded.Code));
        else Refuse(refusal, request.RequestId);
    }

    private void Refuse(Refusal refusal, string requestId) => Send(ProtoSocketFaults.Answer(refusal, requestId));

    private void Send(Envelope envelope) => _outbox.Add(EnvelopeFrame.Encode(envelope));

    private static bool IsGone(Exception e) => e is IOException or OperationCanceledException or ObjectDisposedException;
}
