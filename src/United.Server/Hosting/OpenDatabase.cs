using System.Data.Common;
using United.Core.Storage;
using United.Server.Hosting.Settings;

namespace United.Server.Hosting;

internal static class OpenDatabase
{
    /// <exception cref="SettingsException">The connection string is not one.</exception>
    /// <exception cref="IOException">The file is no database, or can't be opened.</exception>
    public static Database Open(ServerOptions host)
    {
        MakePrivate(host.DataDirectory);
        try
        {
            return host.PostgresConnection.Length == 0 ? SqliteDatabase.Open(host.SqliteFile) : PostgresDatabase.Open(host.PostgresConnection);
        }
        catch (ArgumentException e)
        {
            throw new SettingsException([$"Database: {e.Message}"]);
        }
        catch (DbException e)
        {
            throw new IOException($"{host.SqliteFile}: {e.Message}", e);
        }
    }

    private static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
