using System.Globalization;

namespace United.LogBench;

/// <summary>Measures its rows in turn, and prints the medians with their ratios.</summary>
internal sealed class Table(string title, int rounds)
{
    private readonly List<Row> _rows = [];

    /// <param name="against">Number of the row that it is compared with.</param>
    /// <param name="goal">The least ratio.</param>
    public void Add(string name, Func<Task<double>> measure, int? against = null, double? goal = null) => _rows.Add(new Row(name, measure, against, goal, []));

    public async Task Run()
    {
        foreach (var row in _rows) await row.Measure();
        for (var i = 0; i < rounds; i++)
        {
            foreach (var row in _rows) row.Rates.Add(await row.Measure());
        }
        Console.WriteLine(title);
        foreach (var row in _rows) Console.WriteLine(Line(row));
        Console.WriteLine();
    }

    private string Line(Row row)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"  {row.Name,-32} {row.Median,9:N0} /s  ({row.Rates.Min():N0} to {row.Rates.Max():N0})");
        if (row.Against is not { } against) return line;
        var ratio = row.Median / _rows[against].Median;
        line += string.Create(CultureInfo.InvariantCulture, $"  {ratio:N2} times");
        if (row.Goal is { } goal) line += string.Create(CultureInfo.InvariantCulture, $", goal {goal:N1}: {(ratio >= goal ? "reached" : "MISSED")}");
        return line;
    }

    private sealed record Row(string Name, Func<Task<double>> Measure, int? Against, double? Goal, List<double> Rates)
    {
        public double Median => Rates.Order().ElementAt(Rates.Count / 2);
    }
}
