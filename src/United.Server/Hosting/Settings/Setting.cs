namespace United.Server.Hosting.Settings;

/// <summary>One key that an operator may set: what <c>united config doc</c> prints, and what is not refused as unknown.</summary>
/// <param name="Key">As in <c>appsettings.json</c>, levels apart by colons.</param>
/// <param name="Values">What it takes: a unit and a range, or the words to choose from.</param>
internal sealed record Setting(string Key, string Default, string Values, string Meaning);

/// <summary>The settings are wrong. The program must not start.</summary>
internal sealed class SettingsException(IReadOnlyList<string> problems) : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
