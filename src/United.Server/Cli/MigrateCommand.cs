using System.CommandLine;
using System.Globalization;
using United.Core.Storage;
using United.Server.Hosting;

namespace United.Server.Cli;

/// <summary><c>united migrate</c>: brings the database to this program's schema without serving. A running server may stay up.</summary>
internal static class MigrateCommand
{
    public static Command Create(SettingOptions options)
    {
        var command = new Command("migrate", "Updates the database schema to this version (serve does this by itself)");
        command.SetAction((parsed, ct) => Run.With(parsed, options, async settings =>
        {
            await using var database = OpenDatabase.Open(settings.Server);
            var applied = await Migrations.Apply(database, TimeProvider.System, ct);
            Console.WriteLine(applied.Count == 0
                ? "The schema is up to date."
                : $"Applied: {string.Join(", ", applied.Select(number => number.ToString("0000", CultureInfo.InvariantCulture)))}.");
            return Run.Done;
        }));
        return command;
    }
}
