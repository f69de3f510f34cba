using System.CommandLine;
using United.Server.Hosting.Settings;

namespace United.Server.Cli;

/// <summary>
/// The words of the command line. Every setting can be given as an option under its key; four have a short name that stands
/// in the help, the rest are in <c>united config doc</c>.
/// </summary>
internal static class CommandLine
{
    private static readonly (string Name, string Key, string Value, string Meaning)[] Short =
    [
        ("--urls", "Urls", "URLS", "Where the server listens; by default http://127.0.0.1:8080"),
        ("--data", "Data", "DIR", "The directory where the server keeps its data [default: data]"),
        ("--database", "Database", "CONNECTION", "A PostgreSQL connection string [default: SQLite in the data directory]"),
        ("--registration", "Registration", "MODE", "Who may create an account: open, invite or closed [default: invite]"),
    ];

    public static RootCommand Create()
    {
        var options = Options();
        Command[] commands = [ServeCommand.Create(options), MigrateCommand.Create(options), BackupCommand.CreateBackup(options), BackupCommand.CreateRestore(options), UserCommand.Create(options), ConfigCommand.Create(options)];
        var root = new RootCommand("United, a messaging server for a community or a company. Without a command it runs the server.\n\nEvery setting is an option, too, such as --Limits:MessageBurst 50; \"united config doc\" lists them all.");
        foreach (var (option, _) in options) root.Options.Add(option);
        foreach (var command in commands) root.Subcommands.Add(command);
        root.SetAction((parsed, ct) => ServeCommand.Run(parsed, options, ct));
        return root;
    }

    private static SettingOptions Options()
    {
        var options = new SettingOptions();
        foreach (var (name, key, value, meaning) in Short)
            options.Add(new Option<string?>(name) { Description = meaning, HelpName = value, Recursive = true }, key);
        foreach (var setting in UnitedOptions.Document().Where(setting => setting.Key.Contains(':', StringComparison.Ordinal) || Array.TrueForAll(Short, known => known.Key != setting.Key)))
            options.Add(new Option<string?>("--" + setting.Key) { Description = setting.Meaning, Hidden = true, Recursive = true }, setting.Key);
        return options;
    }
}
