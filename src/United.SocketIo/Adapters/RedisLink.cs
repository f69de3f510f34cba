using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace United.SocketIo.Adapters;

/// <summary>
/// A server's connection to Redis, shared by the adapters of its namespaces. Nodes are counted by their subscriptions, so each server
/// has a connection of its own. The client library comes back by itself, subscriptions included; until then messages to other nodes
/// are lost, which is logged once for each outage and counted.
/// </summary>
internal sealed class RedisLink : IAdapters
{
    private readonly string _configuration;
    private readonly RedisAdapterOptions _options;
    private readonly ILogger _log;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connecting;
    private ConnectionMultiplexer? _redis;
    private int _away;

    public RedisLink(string configuration, RedisAdapterOptions options, ILogger log)
    {
        _configuration = configuration;
        _options = options;
        _log = log;
        _connecting = new Lazy<Task<ConnectionMultiplexer>>(Connect);
    }

    public IAdapter For(Namespace ns) => new RedisAdapter(ns, this, _options);

    public async Task Subscribe(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        var redis = await _connecting.Value;
        await redis.GetSubscriber().SubscribeAsync(channel, handler);
    }

    public async Task Unsubscribe(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        if (_redis is { IsConnected: true } redis) await redis.GetSubscriber().UnsubscribeAsync(channel, handler);
    }

    /// <summary>Never waits. Where Redis is away the message is lost.</summary>
    public void Publish(string channel, byte[] message)
    {
        if (_redis is not { IsConnected: true } redis)
        {
            Lost();
            return;
        }
        try
        {
            redis.GetSubscriber().Publish(Literal(channel), message, CommandFlags.FireAndForget);
        }
        catch (Exception e) when (IsAway(e))
        {
            Lost();
        }
    }

    /// <returns>How many nodes listen to this channel; at least this one.</returns>
    public async Task<int> CountSubscribers(string channel)
    {
        if (_redis is not { IsConnected: true } redis) return 1;
        try
        {
            var reply = (RedisResult[]?)await redis.GetDatabase().ExecuteAsync("PUBSUB", "NUMSUB", channel);
            return reply is { Length: 2 } ? Math.Max(1, (int)reply[1]) : 1;
        }
        catch (Exception e) when (IsAway(e))
        {
            Lost();
            return 1;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_connecting.IsValueCreated) return;
        var redis = await _connecting.Value;
        redis.ConnectionRestored -= Restored;
        redis.ConnectionFailed -= Failed;
        await redis.CloseAsync(allowCommandsToComplete: false);
        redis.Dispose();
    }

    public static RedisChannel Literal(string channel) => new(channel, RedisChannel.PatternMode.Literal);

    public static bool IsAway(Exception e) => e is RedisException or TimeoutException or ObjectDisposedException or InvalidOperationException;

    private async Task<ConnectionMultiplexer> Connect()
    {
        var configuration = ConfigurationOptions.Parse(_configuration);
        configuration.AbortOnConnectFail = false;
        var redis = await ConnectionMultiplexer.ConnectAsync(configuration);
        redis.ConnectionFailed += Failed;
        redis.ConnectionRestored += Restored;
        // What failed at first was told before there was anybody to hear it.
        if (!redis.IsConnected) NoteAway();
        return _redis = redis;
    }

    private void Failed(object? sender, ConnectionFailedEventArgs e) => NoteAway();

    private void Restored(object? sender, ConnectionFailedEventArgs e)
    {
        if (Interlocked.Exchange(ref _away, 0) == 1) SocketIoLog.RedisBack(_log);
    }

    private void Lost()
    {
        SocketIoMetrics.RedisLost.Add(1);
        NoteAway();
    }

    private void NoteAway()
    {
        if (Interlocked.Exchange(ref _away, 1) == 0) SocketIoLog.RedisAway(_log);
    }
}
