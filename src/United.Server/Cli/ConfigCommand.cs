using System.CommandLine;
using System.Text;
using United.Server.Hosting.Settings;

namespace United.Server.Cli;

/// <summary><c>united config check</c> reads all settings and says what is wrong; <c>united config doc</c> lists every key.</summary>
internal static class ConfigCommand
{
    public static Command Create(SettingOptions options)
    {
        var check = new Command("check", "Checks the settings without starting the server");
        check.SetAction((parsed, _) => Run.With(parsed, options, _ =>
        {
            Console.WriteLine("The settings are fine.");
            return Task.FromResult(Run.Done);
        }));
        var doc = new Command("doc", "Lists every setting with its default, its values and its meaning");
        doc.SetAction(_ => Console.Write(Document()));
        return new Command("config", "Checks the settings, or lists them all") { check, doc };
    }

    /// <summary>A Markdown table; <c>docs/operating.md</c> holds the same text.</summary>
    public static string Document()
    {
        var table = new StringBuilder("| key | default | values | meaning |\n|---|---|---|---|\n");
        foreach (var setting in UnitedOptions.Document())
            table.Append(null, $"| `{setting.Key}` | {(setting.Default.Length > 0 ? $"`{setting.Default}`" : "")} | {setting.Values} | {setting.Meaning} |\n");
        return table.ToString();
    }
}
