using Microsoft.Extensions.Logging;
using United.Core.Storage;

namespace United.Core.Media;

/// <summary>The whole slice, made once per process. Who may see a file is told by what holds it, and so by the slices above.</summary>
public sealed class MediaSlice
{
    private MediaSlice(Database database, MediaTickets tickets, MediaOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        Tickets = tickets;
        Folder = new MediaFolder(options.Directory);
        Uploads = new MediaUploads(database, Folder, options, time, loggers.CreateLogger<MediaUploads>());
        Collector = new MediaCollector(database, Folder, time, loggers.CreateLogger<MediaCollector>());
    }

    public MediaFolder Folder { get; }
    public MediaUploads Uploads { get; }
    public MediaTickets Tickets { get; }
    public MediaCollector Collector { get; }

    /// <exception cref="IOException">The folder can't be made.</exception>
    public static async Task<MediaSlice> Start(Database database, MediaOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken ct = default) =>
        new(database, await MediaTickets.Load(database, time, ct), options, time, loggers);
}
