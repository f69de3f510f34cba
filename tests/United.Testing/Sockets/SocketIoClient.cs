using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace United.Testing.Sockets;

/// <summary>
/// A small client of Socket.IO 5 over Engine.IO 4 and WebSocket: emits and gets its acknowledgement, and remembers every event in the order in which
/// it came. What the real client does of its own accord (reconnecting, going on where it left off) a test asks for.
/// </summary>
public sealed class SocketIoClient : IAsyncDisposable
{
    // Who waits in vain fails, and does not stand still.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ClientWebSocket _socket = new();
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly List<SocketIoPush> _pushes = [];
    private readonly Dictionary<string, TaskCompletionSource<JsonElement>> _asked = [];
    private readonly List<(Func<SocketIoPush, bool> Wanted, TaskCompletionSource<SocketIoPush> Found)> _awaited = [];
    private readonly TaskCompletionSource<JsonElement> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lastAck;

    private SocketIoClient()
    {
    }

    /// <summary>What the server said when it let the client in: sid, pid.</summary>
    public JsonElement Connected { get; private set; }

    /// <summary>Why it did not, as the connect_error says.</summary>
    public JsonElement? Refused { get; private set; }

    /// <summary>Completes when the connection has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The server has disconnected this client, and did not only let go of its connection.</summary>
    public bool Dismissed { get; private set; }

    /// <summary>The offset that came last: from where on something may have been missed.</summary>
    public string? Offset { get; private set; }

    public IReadOnlyList<SocketIoPush> Pushes
    {
        get
        {
            lock (_lock) return [.. _pushes];
        }
    }

    /// <summary>Asks to be let in and waits for the answer, which may be a refusal.</summary>
    /// <param name="auth">What the CONNECT packet carries.</param>
    public static async Task<SocketIoClient> Join(Uri server, object? auth, Action<ClientWebSocketOptions>? options = null)
    {
        var client = new SocketIoClient();
        options?.Invoke(client._socket.Options);
        await client._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" }.Uri, CancellationToken.None);
        _ = client.Listen();
        await client.Send("40" + (auth is null ? "" : JsonSerializer.Serialize(auth)));
        await Task.WhenAny(client._connected.Task, client.Ended);
        return client;
    }

    /// <summary>Signs in and waits for the hello.</summary>
    public static async Task<SocketIoClient> SignIn(Uri server, string accessToken)
    {
        var client = await Join(server, new { token = accessToken });
        await client.Pushed("hello");
        return client;
    }

    /// <summary>Emits an event, and waits for its acknowledgement.</summary>
    public Task<JsonElement> Ask(string name, params object?[] args) => AskRaw(JsonSerializer.Serialize<object?[]>([name, .. args]));

    /// <summary>The same with the array of the event as it is.</summary>
    public async Task<JsonElement> AskRaw(string array)
    {
        var id = Interlocked.Increment(ref _lastAck).ToString(CultureInfo.InvariantCulture);
        var answer = Asked(id);
        if (_ended.Task.IsCompleted) throw Gone();
        await Send("42" + id + array);
        return await answer;
    }

    /// <summary>The acknowledgement of this number, once it comes.</summary>
    public Task<JsonElement> Asked(string id)
    {
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _asked[id] = answer;
        return answer.Task;
    }

    /// <summary>Emits an event without asking for an acknowledgement.</summary>
    public Task Emit(string name, params object?[] args) => Send("42" + JsonSerializer.Serialize<object?[]>([name, .. args]));

    /// <summary>Sends one Engine.IO packet as it is.</summary>
    public Task Send(string packet) => Send(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text);

    public Task SendBinary(byte[] attachment) => Send(attachment, WebSocketMessageType.Binary);

    private async Task Send(byte[] message, WebSocketMessageType type)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message, type, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    public Task<SocketIoPush> Pushed(string name) => Pushed(push => push.Name == name);

    /// <summary>Waits for an event, or finds it among those that came already.</summary>
    public Task<SocketIoPush> Pushed(Func<SocketIoPush, bool> wanted)
    {
        var found = new TaskCompletionSource<SocketIoPush>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_pushes.Find(push => wanted(push)) is { } seen) return Task.FromResult(seen);
            if (_ended.Task.IsCompleted) return Task.FromException<SocketIoPush>(Gone());
            _awaited.Add((wanted, found));
        }
        return found.Task.WaitAsync(Patience);
    }

    /// <summary>As when the network is gone: without a word.</summary>
    public void Break() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_socket.State == WebSocketState.Open) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            await Ended.WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (Exception e) when (e is WebSocketException or TimeoutException or ObjectDisposedException)
        {
            // The server was quicker, or is gone.
        }
        _socket.Dispose();
        _sending.Dispose();
    }

    private static InvalidOperationException Gone() => new("The connection ended.");

    private async Task Listen()
    {
        try
        {
            while (await Receive() is { } packet) await Take(packet);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Gone without a close frame.
        }
        finally
        {
            End();
        }
    }

    private async Task<string?> Receive()
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return Encoding.UTF8.GetString(message.ToArray());
        }
    }

    private async Task Take(string packet)
    {
        if (packet == "2") await Send("3");
        else if (packet.StartsWith("40", StringComparison.Ordinal)) _connected.TrySetResult(Connected = Read(packet[2..]));
        else if (packet.StartsWith("44", StringComparison.Ordinal)) _connected.TrySetResult((Refused = Read(packet[2..])).Value);
        else if (packet.StartsWith("42", StringComparison.Ordinal)) TakeEvent(Read(packet[2..]));
        else if (packet.StartsWith("43", StringComparison.Ordinal)) TakeAnswer(packet[2..]);
        else if (packet == "41") Dismissed = true;
    }

    private void TakeEvent(JsonElement array)
    {
        var push = new SocketIoPush(array[0].GetString()!, array.GetArrayLength() > 1 ? array[1] : default);
        lock (_lock)
        {
            if (array.GetArrayLength() > 2) Offset = array[2].GetString();
            _pushes.Add(push);
            foreach (var (wanted, found) in _awaited.Where(wait => wait.Wanted(push)).ToList()) found.TrySetResult(push);
            _awaited.RemoveAll(wait => wait.Found.Task.IsCompleted);
        }
    }

    private void TakeAnswer(string rest)
    {
        var array = rest.IndexOf('[', StringComparison.Ordinal);
        lock (_lock)
        {
            if (_asked.Remove(rest[..array], out var asked)) asked.SetResult(Read(rest[array..])[0]);
        }
    }

    private static JsonElement Read(string json) => JsonDocument.Parse(json).RootElement;

    private void End()
    {
        lock (_lock)
        {
            _ended.TrySetResult();
            foreach (var asked in _asked.Values) asked.TrySetException(Gone());
            foreach (var (_, found) in _awaited) found.TrySetException(Gone());
        }
    }
}

/// <summary>An event that came, with its first argument.</summary>
public sealed record SocketIoPush(string Name, JsonElement Payload)
{
    public string? this[string field] => Payload.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public long Number(string field) => Payload.GetProperty(field).GetInt64();
}
