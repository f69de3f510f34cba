using System.Runtime.Versioning;

namespace United.Server.Hosting;

/// <summary>
/// The database and the uploads are the operator's alone: what is made is made so, and what was there before, or was copied here, is closed
/// to everybody else at the start. By its name and unopened: to open and close a database would give up the locks of this process.
/// </summary>
internal static partial class PrivateFiles
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static void Close(string dataDirectory, ILogger log)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(dataDirectory)) return;
        // Of the uploads their folder: nobody else gets through it to what lies below, which may be a great many files.
        string[] closed = [.. Directory.EnumerateFiles(dataDirectory, "united.db*").Append(Path.Combine(dataDirectory, "media")).Where(TakeFromOthers)];
        if (closed.Length > 0) Closed(log, string.Join(", ", closed.Order(StringComparer.Ordinal)));
    }

    /// <returns>False: others could not read it, it is gone, or it is somebody else's.</returns>
    [UnsupportedOSPlatform("windows")]
    private static bool TakeFromOthers(string path)
    {
        try
        {
            var mode = File.GetUnixFileMode(path);
            if ((mode & Others) == 0) return false;
            File.SetUnixFileMode(path, mode & ~Others);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LoggerMessage(46, LogLevel.Warning, "Others could read these, and can no longer: {Paths}")]
    private static partial void Closed(ILogger log, string paths);
}
