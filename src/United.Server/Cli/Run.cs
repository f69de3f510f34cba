using System.CommandLine;
using United.Core.Storage;
using United.Server.Hosting;
using United.Server.Hosting.Settings;

namespace United.Server.Cli;

/// <summary>The ring around every command: reads the settings, and says in one sentence why a command could not be done.</summary>
internal static class Run
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WronglySet = 2;

    public static async Task<int> With(ParseResult parsed, SettingOptions options, Func<UnitedOptions, Task<int>> command)
    {
        try
        {
            RuntimeCheck.Demand(Environment.Version);
            return await command(UnitedOptions.Read(options.Configure(parsed)));
        }
        catch (SettingsException e)
        {
            foreach (var problem in e.Problems) Console.Error.WriteLine(problem);
            return WronglySet;
        }
        catch (InvalidDataException e)
        {
            Console.Error.WriteLine($"appsettings.json: {e.GetBaseException().Message}");
            return WronglySet;
        }
        catch (Exception e) when (e is SchemaException or BackupException or ProcessLockException or DatabaseUnavailableException or RefusedException or PlatformNotSupportedException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return Failed;
        }
    }

    /// <summary>The same, with the database open, brought to this program's schema, and locked for this process.</summary>
    public static Task<int> Alone(ParseResult parsed, SettingOptions options, Func<UnitedOptions, Database, ProcessLock, Task<int>> command, CancellationToken ct) =>
        With(parsed, options, async settings =>
        {
            await using var database = OpenDatabase.Open(settings.Server);
            await using var alone = await ProcessLock.Take(database, TimeProvider.System, ct);
            await Migrations.Apply(database, TimeProvider.System, ct);
            return await command(settings, database, alone);
        });
}

/// <summary>A command was refused for a reason that its message tells.</summary>
internal sealed class RefusedException(string message) : Exception(message);
