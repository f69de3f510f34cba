using System.CommandLine;
using United.Core.Identity;
using United.Core.Media;
using United.Core.Storage;
using United.Server.Hosting;

namespace United.Server.Cli;

/// <summary><c>united backup FILE</c> beside a running server, and <c>united restore FILE</c> with the server stopped.</summary>
internal static class BackupCommand
{
    public static Command CreateBackup(SettingOptions options)
    {
        var file = new Argument<string>("FILE") { Description = "The file to write, such as united-2026-01-31.tar.gz" };
        var command = new Command("backup", "Writes a backup of everything to one file; the server may keep running") { file };
        command.SetAction((parsed, ct) => Run.With(parsed, options, async settings =>
        {
            var path = parsed.GetRequiredValue(file);
            if (File.Exists(path)) throw new RefusedException($"{path} already exists.");
            await using var database = OpenDatabase.Open(settings.Server);
            var report = await Write(database, new MediaFolder(settings.Core.Media.Directory), path, ct);
            Console.WriteLine($"{report.Rows} rows, {report.Files} files, {new FileInfo(path).Length / 1024} KiB: {path}");
            if (report.Lost == 0) return Run.Done;
            Console.Error.WriteLine($"Uploaded files missing from {settings.Core.Media.Directory}, or damaged, and so not in the backup: {report.Lost}. Is --data the server's?");
            return Run.Failed;
        }));
        return command;
    }

    public static Command CreateRestore(SettingOptions options)
    {
        var file = new Argument<string>("FILE") { Description = "A file that united backup wrote, from SQLite or PostgreSQL" };
        var force = new Option<bool>("--force") { Description = "Replace what is in the database" };
        var command = new Command("restore", "Restores a backup into an empty database; stop the server first. Everyone has to sign in again") { file, force };
        command.SetAction((parsed, ct) => Run.With(parsed, options, async settings =>
        {
            await using var database = OpenDatabase.Open(settings.Server);
            await using var alone = await ProcessLock.Take(database, TimeProvider.System, ct);
            var files = MediaBackup.Of(new MediaFolder(settings.Core.Media.Directory));
            var rows = await Restore.Into(database, parsed.GetRequiredValue(file), parsed.GetValue(force), TimeProvider.System, ServerIdentity.RenewLogEpoch, files, ct);
            Console.WriteLine($"{rows} rows restored. All sessions have ended.");
            return Run.Done;
        }));
        return command;
    }

    // Under another name until it is whole: half a backup must not look like one.
    private static async Task<BackupReport> Write(Database database, MediaFolder media, string path, CancellationToken ct)
    {
        var unfinished = path + ".part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            BackupReport report;
            await using (var file = new FileStream(unfinished, options))
            {
                report = await Backup.Write(database, file, $"united {Release.Version}", TimeProvider.System, MediaBackup.Of(media), ct);
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path);
            return report;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
