using Microsoft.Extensions.Logging;

namespace United.SocketIo;

internal static partial class SocketIoLog
{
    [LoggerMessage(20, LogLevel.Debug, "Invalid packet; connection closed")]
    public static partial void InvalidPacket(ILogger log);

    [LoggerMessage(21, LogLevel.Error, "A namespace's middleware or predicate failed")]
    public static partial void MiddlewareFailed(ILogger log, Exception e);

    [LoggerMessage(22, LogLevel.Error, "A handler failed")]
    public static partial void HandlerFailed(ILogger log, Exception e);

    [LoggerMessage(23, LogLevel.Warning, "Socket error that nothing listens for: {Text}")]
    public static partial void SocketError(ILogger log, string text, Exception? e);

    [LoggerMessage(24, LogLevel.Warning, "ServerSideEmit reaches nobody: no adapter connects this server to others")]
    public static partial void NoOtherServers(ILogger log);

    [LoggerMessage(40, LogLevel.Error, "Redis is away: events reach this server's clients only until it is back")]
    public static partial void RedisAway(ILogger log);

    [LoggerMessage(41, LogLevel.Information, "Redis is back")]
    public static partial void RedisBack(ILogger log);

    [LoggerMessage(42, LogLevel.Warning, "Redis subscription waits for a connection")]
    public static partial void RedisSubscriptionPending(ILogger log, Exception e);

    [LoggerMessage(43, LogLevel.Debug, "Message from another server dropped: {Reason}")]
    public static partial void RedisMessageDropped(ILogger log, string reason);
}
