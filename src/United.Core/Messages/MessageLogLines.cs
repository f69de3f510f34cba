using Microsoft.Extensions.Logging;

namespace United.Core.Messages;

/// <summary>What the message log writes to the server's log: no content, no names.</summary>
internal static partial class MessageLogLines
{
    [LoggerMessage(1, LogLevel.Warning, "{Count} changes were refused because the database can't take them")]
    public static partial void Unavailable(ILogger logger, Exception exception, int count);

    [LoggerMessage(2, LogLevel.Error, "A change failed: {Change}")]
    public static partial void Failed(ILogger logger, Exception exception, string change);

    [LoggerMessage(3, LogLevel.Error, "{Count} committed events were not published")]
    public static partial void Unpublished(ILogger logger, Exception exception, int count);
}
