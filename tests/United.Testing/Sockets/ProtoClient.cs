using System.Globalization;
using System.Net.WebSockets;
using Google.Protobuf;
using United.Wire.Ws;

namespace United.Testing.Sockets;

/// <summary>
/// A small real client of the protobuf socket: asks and gets its answer by request_id, and remembers every push in the order in
/// which it came.
/// </summary>
public sealed class ProtoClient : IAsyncDisposable
{
    // Who waits in vain fails, and does not stand still.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ClientWebSocket _socket = new();
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly List<Envelope> _pushes = [];
    private readonly Dictionary<string, TaskCompletionSource<Envelope>> _asked = [];
    private readonly List<(Func<Envelope, bool> Wanted, TaskCompletionSource<Envelope> Found)> _awaited = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lastRequest;

    private ProtoClient()
    {
    }

    /// <summary>The code with which the server closed; null while open, or where it just went away.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>Completes when the connection has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What was pushed so far.</summary>
    public IReadOnlyList<Envelope> Pushes
    {
        get
        {
            lock (_lock) return [.. _pushes];
        }
    }

    /// <summary>Opens a socket that is nobody yet.</summary>
    public static async Task<ProtoClient> Open(Uri server, Action<ClientWebSocketOptions>? options = null)
    {
        var client = new ProtoClient();
        options?.Invoke(client._socket.Options);
        await client._socket.ConnectAsync(AddressOf(server), CancellationToken.None);
        _ = client.Listen();
        return client;
    }

    /// <summary>Opens a socket, signs in by its Authorization header and waits for the hello.</summary>
    public static async Task<ProtoClient> SignIn(Uri server, string accessToken)
    {
        var client = await Open(server, options => options.SetRequestHeader("Authorization", "Bearer " + accessToken));
        await client.Pushed(push => push.PayloadCase == Envelope.PayloadOneofCase.Hello);
        return client;
    }

    public static Uri AddressOf(Uri server) => new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri;

    /// <summary>Sends a request and waits for its answer, an error included.</summary>
    public async Task<Envelope> Ask(Envelope request)
    {
        var answer = new TaskCompletionSource<Envelope>(TaskCreationOptions.RunContinuationsAsynchronously);
        request.RequestId = Interlocked.Increment(ref _lastRequest).ToString(CultureInfo.InvariantCulture);
        lock (_lock) _asked[request.RequestId] = answer;
        if (_ended.Task.IsCompleted) throw EndedError();
        await Send(request.ToByteArray());
        return await answer.Task;
    }

    /// <summary>Sends one binary message as it is.</summary>
    public async Task Send(byte[] message)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Waits for a push, or finds it among those that came already.</summary>
    public Task<Envelope> Pushed(Func<Envelope, bool> wanted)
    {
        var found = new TaskCompletionSource<Envelope>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_pushes.Find(push => wanted(push)) is { } seen) return Task.FromResult(seen);
            if (_ended.Task.IsCompleted) return Task.FromException<Envelope>(EndedError());
            _awaited.Add((wanted, found));
        }
        return found.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_socket.State == WebSocketState.Open) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            await Ended.WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (Exception e) when (e is WebSocketException or TimeoutException)
        {
            // The server was quicker, or is gone.
        }
        _socket.Dispose();
        _sending.Dispose();
    }

    private InvalidOperationException EndedError() => new($"The connection ended ({CloseCode}).");

    private async Task Listen()
    {
        try
        {
            while (await Receive() is { } message) Take(Envelope.Parser.ParseFrom(message));
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            // Gone without a close frame.
        }
        finally
        {
            End();
        }
    }

    private async Task<byte[]?> Receive()
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await AnswerClose();
                return null;
            }
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return message.ToArray();
        }
    }

    // Not to be cut short by a send that is under way: the server waits for this before it lets go.
    private async Task AnswerClose()
    {
        await _sending.WaitAsync();
        try
        {
            if (_socket.State == WebSocketState.CloseReceived) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private void Take(Envelope envelope)
    {
        lock (_lock)
        {
            if (envelope.RequestId.Length > 0)
            {
                if (_asked.Remove(envelope.RequestId, out var asked)) asked.SetResult(envelope);
                return;
            }
            _pushes.Add(envelope);
            foreach (var (wanted, found) in _awaited.Where(wait => wait.Wanted(envelope)).ToList()) found.TrySetResult(envelope);
            _awaited.RemoveAll(wait => wait.Found.Task.IsCompleted);
        }
    }

    private void End()
    {
        lock (_lock)
        {
            _ended.TrySetResult();
            foreach (var asked in _asked.Values) asked.TrySetException(EndedError());
            foreach (var (_, found) in _awaited) found.TrySetException(EndedError());
        }
    }
}
