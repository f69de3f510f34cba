using Microsoft.Extensions.Logging;

namespace United.SocketIo.EngineIo;

internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Debug, "Request refused: {Code} {Context}")]
    public static partial void Refused(ILogger log, int code, string context);

    [LoggerMessage(2, LogLevel.Debug, "Session closed: {Reason}")]
    public static partial void Closed(ILogger log, string reason);

    [LoggerMessage(3, LogLevel.Information, "Client too slow: more than {MostBytes} bytes wait for it (MaxQueuedBytes); session closed")]
    public static partial void TooSlow(ILogger log, int mostBytes);

    [LoggerMessage(4, LogLevel.Information, "Message larger than {MostBytes} bytes (MaxHttpBufferSize) refused")]
    public static partial void TooLarge(ILogger log, int mostBytes);

    [LoggerMessage(5, LogLevel.Error, "The receiver of a session failed; session closed")]
    public static partial void ReceiverFailed(ILogger log, Exception e);
}
