using System.Globalization;

namespace United.Server.Hosting.Settings;

/// <summary>
/// Reads settings one by one and remembers each. So the reading is the list: what nobody reads is an unknown key, and the
/// documentation can't drift from the code. Collects all that is wrong, so that an operator sees it at once.
/// </summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<Setting> _known = [];
    private readonly HashSet<string> _lists = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _wrong = [];

    public IReadOnlyList<Setting> Known => _known;

    public string Text(string key, string usual, string values, string meaning)
    {
        Know(key, usual, values, meaning);
        return configuration[key] ?? usual;
    }

    public bool Flag(string key, bool usual, string meaning)
    {
        Know(key, usual ? "true" : "false", "true, false", meaning);
        if (configuration[key] is not { } text) return usual;
        if (bool.TryParse(text, out var flag)) return flag;
        Wrong(key, "must be true or false");
        return usual;
    }

    public int Whole(string key, int usual, int least, int most, string unit, string meaning)
    {
        Know(key, Written(usual), $"{Written(least)} to {Written(most)}{(unit.Length > 0 ? " " + unit : "")}", meaning);
        if (configuration[key] is not { } text) return usual;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        Wrong(key, $"must be a whole number, {Written(least)} to {Written(most)}");
        return usual;
    }

    public TimeSpan Seconds(string key, int usual, int least, int most, string meaning) =>
        TimeSpan.FromSeconds(Whole(key, usual, least, most, "seconds", meaning));

    /// <param name="words">The first is what holds when nothing is set.</param>
    public string OneOf(string key, string[] words, string meaning)
    {
        Know(key, words[0], string.Join(", ", words), meaning);
        if (configuration[key] is not { } text) return words[0];
        if (Array.Find(words, word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } chosen) return chosen;
        Wrong(key, $"must be one of {string.Join(", ", words)}");
        return words[0];
    }

    /// <summary>An array in a file; in the environment and on the command line one text with commas.</summary>
    public string[] List(string key, string values, string meaning)
    {
        Know(key, "", values, meaning);
        _lists.Add(key);
        var section = configuration.GetSection(key);
        return section.Value is { } text
            ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [.. section.GetChildren().Where(child => IsNumber(child.Key)).Select(child => child.Value ?? "")];
    }

    public void Wrong(string key, string reason) => _wrong.Add($"{key}: {reason}.");

    /// <exception cref="SettingsException">Something that was read is wrong, or something is set that nobody reads.</exception>
    public void Finish()
    {
        var known = new HashSet<string>(_known.Select(setting => setting.Key), StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in configuration.AsEnumerable().OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (value is not null && !known.Contains(key) && !IsListItem(key)) Wrong(key, "is not a setting (united config doc lists them)");
        }
        if (_wrong.Count > 0) throw new SettingsException(_wrong);
    }

    private bool IsListItem(string key) =>
        key.LastIndexOf(':') is > 0 and var colon && _lists.Contains(key[..colon]) && IsNumber(key.AsSpan(colon + 1));

    private static bool IsNumber(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;

    private void Know(string key, string usual, string values, string meaning) => _known.Add(new Setting(key, usual, values, meaning));

    private static string Written(int number) => number.ToString(CultureInfo.InvariantCulture);
}
