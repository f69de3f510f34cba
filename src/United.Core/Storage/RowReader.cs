using System.Buffers;
using System.Globalization;
using System.Text;

namespace United.Core.Storage;

/// <summary>Reads what <see cref="RowWriter"/> wrote: one chunk of a table, row by row.</summary>
internal sealed class RowReader
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly string[] _lines;
    private readonly object?[] _values;
    private int _next = 1;

    /// <exception cref="BackupException">It is not text, or its first line names no columns.</exception>
    public RowReader(string table, byte[] chunk)
    {
        _lines = Text(chunk).Split('\n');
        Table = new Table(table, [.. _lines[0].Split('\t').Select(Column)]);
        _values = new object?[Table.Columns.Count];
    }

    public Table Table { get; }

    /// <returns>The next row's values; the same array every time. Null at the end.</returns>
    /// <exception cref="BackupException">The line does not fit the columns.</exception>
    public object?[]? Next()
    {
        // The text ends with the end of a line: what Split leaves behind it is no row.
        if (_next >= _lines.Length - 1) return null;
        var texts = _lines[_next++].Split('\t');
        if (texts.Length != _values.Length) throw new BackupException($"A row of {Table.Name} has {texts.Length} values instead of {_values.Length}.");
        try
        {
            for (var i = 0; i < texts.Length; i++) _values[i] = texts[i] == "\\N" ? null : Value(Table.Columns[i].Type, texts[i]);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new BackupException($"A row of {Table.Name} holds a value that can't be read.", e);
        }
        return _values;
    }

    private static string Text(byte[] chunk)
    {
        try
        {
            return Strict.GetString(chunk);
        }
        catch (DecoderFallbackException e)
        {
            throw new BackupException("A part of the backup is not text: the file is damaged.", e);
        }
    }

    private Column Column(string text) => text.Split(' ') is [{ Length: > 0 } name, { Length: > 0 } type] && IsName(name)
        ? new Column(name, type)
        : throw new BackupException("A table's columns can't be read.");

    /// <summary>Names end up in statements: nothing but what our own are made of.</summary>
    internal static bool IsName(string name) => name.Length > 0 && name.AsSpan().IndexOfAnyExcept(NameCharacters) < 0;

    private static object Value(string type, string text) => type switch
    {
        "uuid" => Guid.ParseExact(text, "D"),
        "bytea" => Convert.FromHexString(text),
        "boolean" => text switch { "t" => true, "f" => false, _ => throw new FormatException() },
        "smallint" => short.Parse(text, CultureInfo.InvariantCulture),
        "integer" => int.Parse(text, CultureInfo.InvariantCulture),
        "bigint" => long.Parse(text, CultureInfo.InvariantCulture),
        "text" => Unescape(text),
        _ => throw new BackupException($"A backup knows no columns of type {type}."),
    };

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\') plain.Append(text[i]);
            else plain.Append((++i < text.Length ? text[i] : ' ') switch { 't' => '\t', 'n' => '\n', 'r' => '\r', '\\' => '\\', _ => throw new FormatException() });
        }
        return plain.ToString();
    }
}
