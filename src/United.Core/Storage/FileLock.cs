using System.Globalization;
using System.Text;

namespace United.Core.Storage;

/// <summary>A file that is held open for oneself alone, beside the SQLite database. It holds the number of its process, for the operator.</summary>
internal sealed class FileLock : ProcessLock
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    public override CancellationToken Lost => CancellationToken.None;

    public static FileLock Take(string path)
    {
        try
        {
            // Whoever can read a file can hold its lock.
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var file = new FileStream(path, options);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
            file.Flush();
            return new FileLock(file);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new ProcessLockException($"Another process uses this data directory ({path} is locked). Stop it first, or choose another directory with --data.");
        }
    }

    // The file stays: who removes a lock file takes it from under somebody who has just opened it.
    public override ValueTask DisposeAsync() => _file.DisposeAsync();
}
