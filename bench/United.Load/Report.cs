using System.Globalization;
using System.Text;

namespace United.Load;

/// <summary>What came of a run, one line per figure.</summary>
internal sealed class Report(string title)
{
    private readonly List<(string Name, string Value)> _lines = [];

    public void Add(string name, FormattableString value) => _lines.Add((name, value.ToString(CultureInfo.InvariantCulture)));

    public void Add(string name, object? value)
    {
        if (value is not null) _lines.Add((name, value.ToString()!));
    }

    public string ToText()
    {
        var text = new StringBuilder().AppendLine(title);
        var width = _lines.Max(line => line.Name.Length);
        foreach (var (name, value) in _lines) text.Append("  ").Append(name.PadRight(width)).Append("  ").AppendLine(value);
        return text.ToString().TrimEnd();
    }
}
