using Microsoft.Extensions.Logging.Console;
using United.Server.Hosting.Settings;

namespace United.Server.Hosting;

/// <summary>What is logged, and how. Never content, tokens or keys; nor addresses with their queries.</summary>
internal static class Logs
{
    public static void Add(ILoggingBuilder logging, LogOptions options)
    {
        logging.SetMinimumLevel(options.Level);
        // What the framework says of single requests would put addresses with their queries into the log.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical); // the command line says why a start failed
        if (options.Json) logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        else logging.AddSimpleConsole(text => (text.SingleLine, text.TimestampFormat, text.ColorBehavior) = (true, "HH:mm:ss ", LoggerColorBehavior.Default));
    }
}
