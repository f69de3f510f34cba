using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace United.SocketIo.EngineIo;

/// <summary>The polling transport: at most one GET and one POST at a time; more of either is an error that ends the session.</summary>
public sealed partial class EngineSocket
{
    /// <summary>
    /// A poll that comes while the client probes a WebSocket is held this long before it is released with a noop: the packet that
    /// completes the upgrade may be on its way on the other connection, and then the poll has to be refused.
    /// </summary>
    private static readonly TimeSpan ProbingPollHold = TimeSpan.FromMilliseconds(40);

    /// <summary>How long a client's close packet waits for the poll that the client sent beside it, which is to be answered with a noop.</summary>
    private static readonly TimeSpan ClientCloseHold = TimeSpan.FromMilliseconds(40);

    /// <summary>The GET that waits for something to say; its answer is null where it is to be refused.</summary>
    private TaskCompletionSource<byte[]?>? _poll;

    private TaskCompletionSource? _pollAwaited;
    private bool _posting;
    private bool _closedByClient;

    /// <summary>A GET waits for something to say. For tests.</summary>
    internal bool PollWaits => Volatile.Read(ref _poll) is not null;

    internal async Task Poll(HttpContext http)
    {
        var (poll, held) = StartPoll();
        if (poll is null)
        {
            CloseNow(CloseReasons.TransportError);
            await EngineError.TransportMismatch.Answer(http, webSocket: false);
            return;
        }
        await using var gone = http.RequestAborted.Register(() => Abandon(poll));
        if (held) await Hold(poll);
        await AnswerPoll(http, await poll.Task);
    }

    internal async Task Push(HttpContext http)
    {
        if (!StartPost(out var overlaps))
        {
            if (overlaps) CloseNow(CloseReasons.TransportError);
            await EngineError.TransportMismatch.Answer(http, webSocket: false);
            return;
        }
        int status;
        try
        {
            status = await ReceivePost(http);
        }
        finally
        {
            // Before the answer is out: once the client has it, it may complete an upgrade.
            lock (_gate) _posting = false;
        }
        await AnswerPost(http, status);
    }

    /// <returns>No poll where another one is pending, which ends the session.</returns>
    private (TaskCompletionSource<byte[]?>? Poll, bool Held) StartPoll()
    {
        var poll = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_poll is not null) return (null, false);
            if (_state == State.Closed || _link is not null)
            {
                poll.SetResult(null);
                return (poll, false);
            }
            _poll = poll;
            _pollAwaited?.TrySetResult();
            if (_queue.Count > 0 && _state == State.Open) FillPoll();
            if (_state == State.Open) return (poll, _probed && _poll is not null);
        }
        CloseNow(CloseReasons.ForcedClose, "6\x1e1"u8);
        return (poll, false);
    }

    private async Task Hold(TaskCompletionSource<byte[]?> poll)
    {
        await Task.WhenAny(poll.Task, Task.Delay(ProbingPollHold, _server.Time));
        lock (_gate)
        {
            if (_poll == poll && _probed) Enqueue(EngineMessage.Noop);
        }
    }

    private void Abandon(TaskCompletionSource<byte[]?> poll)
    {
        lock (_gate)
        {
            if (_poll != poll) return;
        }
        CloseNow(CloseReasons.TransportError);
    }

    /// <summary>Under the gate: gives the pending poll everything that waits.</summary>
    private void FillPoll()
    {
        var (poll, payload) = (_poll!, TakePayload([]));
        _poll = null;
        poll.SetResult(payload);
    }

    /// <summary>Under the gate: gives the pending poll everything that waits, and how it ends.</summary>
    private void FillLastPoll(ReadOnlySpan<byte> end)
    {
        if (_poll is not { } poll) return;
        var payload = TakePayload(_queue.Count > 0 ? "1"u8 : end);
        _poll = null;
        poll.SetResult(payload);
    }

    private byte[] TakePayload(ReadOnlySpan<byte> end)
    {
        if (_queue.Count == 1 && end.IsEmpty)
        {
            _queuedBytes = 0;
            return _queue.Dequeue().Payload;
        }
        var writer = new ArrayBufferWriter<byte>();
        foreach (var message in _queue)
        {
            if (writer.WrittenCount > 0) writer.Write([EngineMessage.Separator]);
            writer.Write(message.Payload);
        }
        if (!end.IsEmpty && writer.WrittenCount > 0) writer.Write([EngineMessage.Separator]);
        writer.Write(end);
        ClearQueue();
        return writer.WrittenSpan.ToArray();
    }

    private async Task AnswerPoll(HttpContext http, byte[]? payload)
    {
        if (payload is null)
        {
            await EngineError.TransportMismatch.Answer(http, webSocket: false);
            return;
        }
        var response = http.Response;
        response.ContentType = "text/plain; charset=UTF-8";
        response.Headers.CacheControl = "no-store";
        if (payload.Length >= Options.HttpCompressionThreshold && TakesGzip(http.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(payload, http.RequestAborted);
            return;
        }
        response.ContentLength = payload.Length;
        await response.Body.WriteAsync(payload, http.RequestAborted);
    }

    private static bool TakesGzip(HttpRequest request) =>
        request.Headers.AcceptEncoding.ToString().Split(',', StringSplitOptions.TrimEntries).Any(item => item == "gzip" || (item.StartsWith("gzip;", StringComparison.Ordinal) && !item.EndsWith("q=0", StringComparison.Ordinal)));

    private bool StartPost(out bool overlaps)
    {
        lock (_gate)
        {
            overlaps = _posting;
            if (_posting || _state == State.Closed || _link is not null) return false;
            return _posting = true;
        }
    }

    /// <returns>The status to answer with.</returns>
    private async Task<int> ReceivePost(HttpContext http)
    {
        if (http.Request.ContentType is { } type && type.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase))
        {
            CloseNow(CloseReasons.TransportError);
            return StatusCodes.Status400BadRequest;
        }
        using var body = new PostBody(Options.MaxHttpBufferSize);
        switch (await body.Read(http))
        {
            case PostOutcome.TooLarge:
                EngineLog.TooLarge(_server.Log, Options.MaxHttpBufferSize);
                return StatusCodes.Status413PayloadTooLarge;
            case PostOutcome.Broken:
                CloseNow(CloseReasons.TransportError);
                return StatusCodes.Status400BadRequest;
            case PostOutcome.NotUtf8:
                CloseNow(CloseReasons.ParseError);
                return StatusCodes.Status400BadRequest;
        }
        for (var rest = body.Bytes; ;)
        {
            var end = rest.Span.IndexOf(EngineMessage.Separator);
            var packet = end < 0 ? rest : rest[..end];
            if (!await ReceiveText(packet)) return _closedByClient || _state == State.Closing ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
            if (end < 0) return StatusCodes.Status200OK;
            rest = rest[(end + 1)..];
        }
    }

    private static Task AnswerPost(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        if (status != StatusCodes.Status200OK) return Task.CompletedTask;
        http.Response.ContentType = "text/html";
        http.Response.ContentLength = 2;
        return http.Response.Body.WriteAsync("ok"u8.ToArray(), http.RequestAborted).AsTask();
    }

    /// <summary>Packet <c>1</c>. A poll that waits is answered with a noop.</summary>
    private async ValueTask CloseByClient()
    {
        TaskCompletionSource? awaited = null;
        lock (_gate)
        {
            _closedByClient = true;
            if (_link is null && _poll is null) awaited = _pollAwaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        if (awaited is not null) await Task.WhenAny(awaited.Task, Task.Delay(ClientCloseHold, _server.Time));
        CloseNow(CloseReasons.TransportClose, "6"u8);
    }
}
