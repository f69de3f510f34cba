namespace United.SocketIo.Adapters;

/// <summary>Options of the Redis adapter, with the names and defaults of <c>@socket.io/redis-adapter</c> 8. All nodes of a cluster need the same <see cref="Key"/>.</summary>
public sealed class RedisAdapterOptions
{
    /// <summary>What all channels begin with.</summary>
    public string Key { get; set; } = "socket.io";

    /// <summary>How long the other nodes may take to answer.</summary>
    public TimeSpan RequestsTimeout { get; set; } = TimeSpan.FromMilliseconds(5000);

    /// <summary>Whether this node answers on a channel of the asking node alone.</summary>
    public bool PublishOnSpecificResponseChannel { get; set; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Key, nameof(Key));
        ArgumentOutOfRangeException.ThrowIfLessThan(RequestsTimeout, TimeSpan.FromMilliseconds(1), nameof(RequestsTimeout));
    }
}

public static class RedisAdapterSetup
{
    /// <summary>
    /// Connects this server with all others that use the same Redis, .NET and Node alike. The server starts without Redis too, serves
    /// its own clients, and joins the cluster when Redis is there.
    /// </summary>
    /// <param name="configuration">As StackExchange.Redis takes it: <c>host:port,password=…</c></param>
    public static SocketIoOptions UseRedis(this SocketIoOptions options, string configuration, Action<RedisAdapterOptions>? configure = null)
    {
        var redis = new RedisAdapterOptions();
        configure?.Invoke(redis);
        redis.Validate();
        options.Adapters = server => new RedisLink(configuration, redis, server.Log);
        return options;
    }
}
