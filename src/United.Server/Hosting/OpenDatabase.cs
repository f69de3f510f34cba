using United.Core.Storage;
using United.Server.Hosting.Settings;

namespace United.Server.Hosting;

internal static class OpenDatabase
{
    /// <exception cref="SettingsException">The connection string is not one.</exception>
    public static Database Open(ServerOptions host)
    {
        MakePrivate(host.DataDirectory);
        if (host.PostgresConnection.Length == 0) return SqliteDatabase.Open(host.SqliteFile);
        try
        {
            return PostgresDatabase.Open(host.PostgresConnection);
        }
        catch (ArgumentException e)
        {
            throw new SettingsException([$"Database: {e.Message}"]);
        }
    }

    private static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
