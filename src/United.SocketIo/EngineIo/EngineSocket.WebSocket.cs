using System.Buffers;
using United.WebSockets;

namespace United.SocketIo.EngineIo;

/// <summary>
/// The WebSocket transport. One writer per session takes what has gathered in the queue and writes it at once: a write costs a system
/// call however many messages it carries, so whatever arrives while the writer waits for its turn travels for free.
/// </summary>
public sealed partial class EngineSocket
{
    /// <summary>Messages are copied together up to this size; a larger one is written from its own bytes.</summary>
    private const int MostGathered = 16 * 1024;

    /// <summary>
    /// The session whose packets this thread is reading. What is sent to it meanwhile, answers mostly, goes out in one write when all that
    /// had arrived has been read, and by this thread: another would have to be woken up for it.
    /// </summary>
    [ThreadStatic]
    private static EngineSocket? _reading;

    private bool _writesAfterReading;
    private bool _writing;
    private bool _closeQueued;
    private long _bytesUnderWay;

    /// <summary>More than one message would go out in a write now. Read without the gate: it decides nothing but who works.</summary>
    internal bool HasGathered => _queue.Count > 1;

    internal void StartWriting() => _ = Write();

    /// <summary>Serves one WebSocket from its opening to its end, whether it is the transport or still probing to become it.</summary>
    internal async Task Run(WebSocketLink link)
    {
        using var disposed = link;
        var reason = CloseReasons.TransportClose;
        var code = CloseCode.None;
        try
        {
            while (await Step(link.Read()) is { } frame && await ReceiveHere(link, frame))
            {
            }
            code = link.Refusal;
            if (code != CloseCode.None) reason = CloseReasons.TransportError;
            if (code == CloseCode.TooLarge) EngineLog.TooLarge(_server.Log, Options.MaxHttpBufferSize);
        }
        catch (Exception e) when (WebSocketLink.IsLoss(e))
        {
            reason = CloseReasons.TransportError;
        }
        finally
        {
            StopReading();
        }
        if (DropProbe(link)) await link.Close(code);
        else CloseNow(reason, code);
        await link.Linger();
    }

    /// <returns>False where the conversation is over.</returns>
    private ValueTask<bool> ReceiveHere(WebSocketLink link, Frame frame)
    {
        _reading = this;
        return Step(Receive(link, frame));
    }

    /// <summary>Before this thread goes elsewhere it does what it has put off.</summary>
    private ValueTask<T> Step<T>(ValueTask<T> step)
    {
        if (!step.IsCompleted) StopReading();
        return step;
    }

    private void StopReading()
    {
        if (_reading == this) _reading = null;
        if (!_writesAfterReading) return;
        _writesAfterReading = false;
        StartWriting();
    }

    /// <returns>False where the conversation is over.</returns>
    private async ValueTask<bool> Receive(WebSocketLink link, Frame frame)
    {
        switch (frame.OpCode)
        {
            case OpCode.Close:
                return await ReceiveClose(link, frame.Payload);
            case OpCode.Ping:
                return await AnswerPing(link, frame.Payload);
            case OpCode.Text or OpCode.Binary when link == _probe:
                return await ReceiveOnProbe(link, frame);
            case OpCode.Text or OpCode.Binary when link == _link && _state == State.Open:
                link.TakesFragment(frame.OpCode);
                if (frame.OpCode == OpCode.Text) await ReceiveText(frame.Payload);
                else await ReceiveBinary(frame.Payload);
                return true;
            case OpCode.Continuation:
                return link.TakesFragment(frame.OpCode);
            default:
                // A pong; or the session is closing, and the client's side of the close is still on its way.
                return true;
        }
    }

    private async ValueTask<bool> ReceiveClose(WebSocketLink link, ReadOnlyMemory<byte> payload)
    {
        var code = payload.IsEmpty ? CloseCode.None : Frame.AnswerToClose(payload.Span);
        link.HeardClose();
        if (DropProbe(link)) await link.Close(code);
        else CloseNow(CloseReasons.TransportClose, code);
        return false;
    }

    private async ValueTask<bool> AnswerPing(WebSocketLink link, ReadOnlyMemory<byte> payload)
    {
        var pong = EngineMessage.Raw(OpCode.Pong, payload.Span);
        if (link != _link)
        {
            await link.Write(pong.Frames);
            return true;
        }
        // A client that pings without reading is bounded like any other.
        Send(pong);
        return true;
    }

    /// <summary>Under the gate.</summary>
    private void ScheduleWriting()
    {
        if (_writing) return;
        _writing = true;
        if (_reading == this) _writesAfterReading = true;
        else _server.Writes.Add(this);
    }

    private async Task Write()
    {
        var link = _link!;
        try
        {
            while (Gather(out var bytes, out var pooled, out var closes))
            {
                await link.Write(bytes);
                if (pooled is not null) ArrayPool<byte>.Shared.Return(pooled);
                if (closes) Finish(link);
            }
        }
        catch (Exception e) when (WebSocketLink.IsLoss(e))
        {
            // Leaves _writing set: nothing can be written to this link any more.
            CloseNow(CloseReasons.TransportError);
            link.Abort();
        }
    }

    private void Finish(WebSocketLink link)
    {
        link.SaidClose();
        CloseNow(CloseReasons.ForcedClose);
    }

    /// <returns>False where nothing waits; the next message then starts a new writer.</returns>
    private bool Gather(out ReadOnlyMemory<byte> bytes, out byte[]? pooled, out bool closes)
    {
        (bytes, pooled, closes) = (default, null, false);
        lock (_gate)
        {
            _queuedBytes -= _bytesUnderWay;
            _bytesUnderWay = 0;
            if (!_queue.TryDequeue(out var first))
            {
                if (_queue.Capacity > 64) _queue.TrimExcess(4);
                return _writing = false;
            }
            _bytesUnderWay = first.Cost;
            closes = first.IsClose;
            bytes = FramesOf(first);
            if (_queue.TryPeek(out var second) && bytes.Length + FramesOf(second).Length <= MostGathered) bytes = Combine(bytes, out pooled, ref closes);
            return true;
        }
    }

    private ReadOnlyMemory<byte> Combine(ReadOnlyMemory<byte> first, out byte[] pooled, ref bool closes)
    {
        pooled = ArrayPool<byte>.Shared.Rent(MostGathered);
        first.CopyTo(pooled);
        var length = first.Length;
        while (_queue.TryPeek(out var next) && length + FramesOf(next).Length <= MostGathered)
        {
            _queue.Dequeue();
            FramesOf(next).CopyTo(pooled, length);
            length += FramesOf(next).Length;
            _bytesUnderWay += next.Cost;
            closes |= next.IsClose;
        }
        return pooled.AsMemory(0, length);
    }

    private byte[] FramesOf(EngineMessage message) => _base64Only ? message.Base64Frames : message.Frames;
}
