using System.Globalization;
using System.Text;

namespace United.Core.Storage;

/// <summary>
/// Rows of one table as lines of text: values apart by tabs, <c>\N</c> for null, <c>\t \n \r \\</c> escaped, bytes in hex. Holds
/// what has gathered since it was last taken.
/// </summary>
internal sealed class RowWriter : IDisposable
{
    private readonly Table _table;
    private readonly MemoryStream _bytes = new();
    private readonly StreamWriter _text;
    private readonly Action<SqlRow, int>[] _columns;

    public RowWriter(Table table)
    {
        _table = table;
        _text = new StreamWriter(_bytes, new UTF8Encoding(false)) { NewLine = "\n" };
        _columns = [.. table.Columns.Select(column => For(column.Type))];
    }

    public long Length => _bytes.Length;

    public void Add(SqlRow row)
    {
        if (_bytes.Length == 0) _text.WriteLine(_table.HeaderLine);
        for (var i = 0; i < _columns.Length; i++)
        {
            if (i > 0) _text.Write('\t');
            if (row.IsNull(i)) _text.Write("\\N");
            else _columns[i](row, i);
        }
        _text.WriteLine();
        _text.Flush();
    }

    public byte[] Take()
    {
        if (_bytes.Length == 0) _text.WriteLine(_table.HeaderLine);
        _text.Flush();
        var taken = _bytes.ToArray();
        _bytes.SetLength(0);
        return taken;
    }

    public void Dispose() => _text.Dispose();

    private Action<SqlRow, int> For(string type) => type switch
    {
        "uuid" => (row, i) => _text.Write(row.Uuid(i).ToString("D")),
        "bytea" => (row, i) => _text.Write(Convert.ToHexStringLower(row.Bytes(i))),
        "boolean" => (row, i) => _text.Write(row.Bool(i) ? 't' : 'f'),
        "smallint" or "integer" => (row, i) => _text.Write(row.Int32(i).ToString(CultureInfo.InvariantCulture)),
        "bigint" => (row, i) => _text.Write(row.Int64(i).ToString(CultureInfo.InvariantCulture)),
        "text" => (row, i) => Escape(row.Text(i)),
        _ => throw new InvalidOperationException($"A backup knows no columns of type {type} ({_table.Name})."),
    };

    private void Escape(string text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '\\': _text.Write("\\\\"); break;
                case '\t': _text.Write("\\t"); break;
                case '\n': _text.Write("\\n"); break;
                case '\r': _text.Write("\\r"); break;
                default: _text.Write(c); break;
            }
        }
    }
}
