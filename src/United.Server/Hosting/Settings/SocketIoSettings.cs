using United.SocketIo.EngineIo;

namespace United.Server.Hosting.Settings;

/// <summary>How Socket.IO is served.</summary>
internal sealed record SocketIoSettings
{
    public required TimeSpan Ping { get; init; }

    public required TimeSpan PingTimeout { get; init; }

    /// <summary>Bytes of one message or one POST.</summary>
    public required int MaxPayload { get; init; }

    public required EngineTransports Transports { get; init; }

    /// <summary>How long a client may be away and be told what it missed. Zero: it always begins anew.</summary>
    public required TimeSpan Recovery { get; init; }

    /// <summary>Where emitters of the operator's own are heard; empty: nowhere.</summary>
    public required string Redis { get; init; }

    public required string RedisKey { get; init; }

    public static SocketIoSettings Read(SettingsReader settings)
    {
        var options = new SocketIoSettings
        {
            Ping = settings.Seconds("SocketIo:PingSeconds", 25, 1, 300, "From one sign of life of a Socket.IO client to the next ping."),
            PingTimeout = settings.Seconds("SocketIo:PingTimeoutSeconds", 20, 1, 300, "How long its answer may take before the connection counts as lost."),
            MaxPayload = settings.Whole("SocketIo:MaxPayloadKilobytes", 1024, 16, 1024, "KiB", "The largest message of a Socket.IO client, and the largest body of a poll.") * 1024,
            Transports = TransportsOf(settings.OneOf("SocketIo:Transports", ["all", "websocket", "polling"], "What Socket.IO clients may connect by.")),
            Recovery = settings.Seconds("SocketIo:RecoverySeconds", 120, 0, 120, "How long a Socket.IO client may be away and get what it missed when it is back. 0: it always syncs."),
            Redis = settings.Text("SocketIo:Redis", "", "host:port,password=...", "A Redis through which programs of your own emit to Socket.IO clients (@socket.io/redis-emitter). United's own events never go there. Empty: none."),
            RedisKey = settings.Text("SocketIo:RedisKey", "socket.io", "a word", "What the channels in that Redis begin with."),
        };
        if (options.RedisKey.Length == 0) settings.Wrong("SocketIo:RedisKey", "must not be empty");
        return options;
    }

    private static EngineTransports TransportsOf(string word) => word switch
    {
        "websocket" => EngineTransports.WebSocket,
        "polling" => EngineTransports.Polling,
        _ => EngineTransports.WebSocket | EngineTransports.Polling,
    };
}
