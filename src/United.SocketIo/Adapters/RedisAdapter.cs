using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;
using United.SocketIo.EngineIo;

namespace United.SocketIo.Adapters;

/// <summary>
/// One namespace's part in a cluster over Redis, wire-compatible with <c>@socket.io/redis-adapter</c> 8 and
/// <c>@socket.io/redis-emitter</c> 5. Channels: <c>K#N#</c> and <c>K#N#room#</c> for broadcasts, <c>K-request#N#</c>,
/// <c>K-response#N#</c>, <c>K-response#N#UID#</c>.
/// </summary>
internal sealed partial class RedisAdapter : IAdapter
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private readonly Namespace _ns;
    private readonly RedisLink _link;
    private readonly RedisAdapterOptions _options;
    private readonly string _uid = NewId();
    private readonly string _broadcasts;
    private readonly string _requests;
    private readonly string _responses;
    private readonly (RedisChannel Channel, Action<RedisChannel, RedisValue> Handler)[] _subscriptions;
    private readonly ConcurrentDictionary<string, PendingReplies> _pending = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CollectedAcks> _acks = new(StringComparer.Ordinal);
    private readonly Task _subscribed;

    public RedisAdapter(Namespace ns, RedisLink link, RedisAdapterOptions options)
    {
        (_ns, _link, _options) = (ns, link, options);
        _broadcasts = $"{options.Key}#{ns.Name}#";
        _requests = $"{options.Key}-request#{ns.Name}#";
        _responses = $"{options.Key}-response#{ns.Name}#";
        _subscriptions =
        [
            (new RedisChannel(Escaped(_broadcasts) + "*", RedisChannel.PatternMode.Pattern), HearBroadcast),
            (RedisLink.Literal(_requests), (_, message) => Guarded(message, HearRequest)),
            (RedisLink.Literal(_responses), (_, message) => Guarded(message, HearReply)),
            (RedisLink.Literal(_responses + _uid + "#"), (_, message) => Guarded(message, HearReply)),
        ];
        _subscribed = Subscribe();
    }

    public async Task<int> ServerCount()
    {
        await _subscribed;
        return await _link.CountSubscribers(_requests);
    }

    public void Broadcast(Target target, EmitFlags flags, Payload payload)
    {
        var channel = target.Rooms.Count == 1 ? _broadcasts + target.Rooms[0] + "#" : _broadcasts;
        _link.Publish(channel, RedisMessages.Broadcast(_uid, _ns, payload, target, flags));
    }

    public async Task BroadcastWithAck(Target target, EmitFlags flags, EngineMessage question, CollectedAcks acks)
    {
        var servers = await ServerCount();
        if (servers > 1)
        {
            var requestId = NewId();
            _acks[requestId] = acks;
            _ = ForgetAfter(requestId, flags.Timeout!.Value);
            _link.Publish(_requests, RedisMessages.BroadcastWithAck(_uid, requestId, _ns, Payload.Of(question), target, flags));
        }
        acks.ExpectServers(servers);
    }

    public void Join(Target target, string[] rooms) => Tell(RedisRequest.RemoteJoin, target, writer => RedisMessages.WriteList("rooms", rooms, writer));

    public void Leave(Target target, string[] rooms) => Tell(RedisRequest.RemoteLeave, target, writer => RedisMessages.WriteList("rooms", rooms, writer));

    public void Disconnect(Target target, bool close) => Tell(RedisRequest.RemoteDisconnect, target, writer => writer.WriteBoolean("close", close));

    public async Task<IReadOnlyList<RemoteSocket>> FetchSockets(Target target, CancellationToken ct)
    {
        var replies = await Ask(RedisRequest.RemoteFetch, _options.RequestsTimeout, writer => RedisMessages.WriteTarget(target, writer), ct);
        if (replies.Missing > 0) throw new TimeoutException($"timeout reached while waiting for fetchSockets response: {replies.Missing} servers have not answered");
        return [.. replies.Values.SelectMany(reply => reply.GetProperty("sockets").EnumerateArray()).Select(socket => SocketDescription.Read(_ns, socket))];
    }

    public void ServerSideEmit(Payload payload) => _link.Publish(_requests, RedisMessages.Request(_uid, RedisRequest.ServerSideEmit, null, Data(payload)));

    public Task<IReadOnlyList<Argument>> ServerSideEmitWithAck(Payload payload) => AskServers(Data(payload));

    public async ValueTask DisposeAsync()
    {
        await _subscribed;
        foreach (var (channel, handler) in _subscriptions)
        {
            try
            {
                await _link.Unsubscribe(channel, handler);
            }
            catch (Exception e) when (RedisLink.IsAway(e))
            {
                // There is no subscription where there is no connection.
                return;
            }
        }
    }

    private static Action<Utf8JsonWriter> Data(Payload payload)
    {
        if (!payload.Attachments.IsEmpty) throw new ArgumentException("binary data cannot travel by ServerSideEmit: its requests are JSON");
        var json = payload.Json.ToArray();
        return writer =>
        {
            writer.WritePropertyName("data");
            writer.WriteRawValue(json, skipInputValidation: true);
        };
    }

    private async Task<IReadOnlyList<Argument>> AskServers(Action<Utf8JsonWriter> question)
    {
        var replies = await Ask(RedisRequest.ServerSideEmit, _options.RequestsTimeout, question, CancellationToken.None);
        var answers = replies.Values.Select(reply => reply.TryGetProperty("data", out var data) ? new Argument(Encoding.UTF8.GetBytes(data.GetRawText()), []) : CollectedAcks.Undefined).ToArray();
        return replies.Missing > 0 ? throw new AckTimeoutException(answers) : answers;
    }

    private void Tell(RedisRequest type, Target target, Action<Utf8JsonWriter> rest) => _link.Publish(_requests, RedisMessages.Request(_uid, type, null, writer =>
    {
        RedisMessages.WriteTarget(target, writer);
        rest(writer);
    }));

    /// <summary>Asks all other nodes, and waits until each has answered or the time is over.</summary>
    private async Task<PendingReplies> Ask(RedisRequest type, TimeSpan timeout, Action<Utf8JsonWriter> rest, CancellationToken ct)
    {
        var requestId = NewId();
        var pending = new PendingReplies(await ServerCount() - 1);
        _pending[requestId] = pending;
        try
        {
            if (pending.Missing > 0) _link.Publish(_requests, RedisMessages.Request(_uid, type, requestId, rest));
            await pending.Complete.WaitAsync(timeout, _ns.Server.Time, ct);
        }
        catch (TimeoutException)
        {
            // What came in time is in the replies, and so is how many are missing.
        }
        finally
        {
            _pending.TryRemove(requestId, out _);
        }
        return pending;
    }

    private async Task ForgetAfter(string requestId, TimeSpan timeout)
    {
        await Task.Delay(timeout, _ns.Server.Time);
        _acks.TryRemove(requestId, out _);
    }

    private async Task Subscribe()
    {
        foreach (var (channel, handler) in _subscriptions)
        {
            try
            {
                await _link.Subscribe(channel, handler);
            }
            catch (Exception e) when (RedisLink.IsAway(e))
            {
                // The client library keeps what it was asked for, and subscribes when it connects.
                SocketIoLog.RedisSubscriptionPending(_ns.Server.Log, e);
            }
        }
    }

    /// <summary>Names come from clients where namespaces are dynamic: in a pattern they may mean no more than themselves.</summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            if (c is '*' or '?' or '[' or ']' or '\\' or '^') escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static string NewId() => RandomNumberGenerator.GetString(Letters, 6);
}

/// <summary>The answers of other nodes to one request.</summary>
internal sealed class PendingReplies(int expected)
{
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _values = [];
    private readonly TaskCompletionSource _complete = expected > 0 ? new(TaskCreationOptions.RunContinuationsAsynchronously) : Done();

    public Task Complete => _complete.Task;

    public int Missing
    {
        get
        {
            lock (_gate) return Math.Max(0, expected - _values.Count);
        }
    }

    public IReadOnlyList<JsonElement> Values
    {
        get
        {
            lock (_gate) return [.. _values];
        }
    }

    public void Add(JsonElement reply)
    {
        lock (_gate) _values.Add(reply.Clone());
        if (Missing == 0) _complete.TrySetResult();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
