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
}
