using System.Text;
using SQLitePCL;

namespace United.Core.Storage;

/// <summary>Columns come as what they are asked for; null is never taken for something else.</summary>
internal sealed class SqliteRow(sqlite3_stmt statement) : SqlRow
{
    public override bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public override long Int64(int column) => raw.sqlite3_column_int64(statement, Present(column));

    public override int Int32(int column) => checked((int)Int64(column));

    public override bool Bool(int column) => Int64(column) != 0;

    public override string Text(int column) => Encoding.UTF8.GetString(Blob(column));

    public override byte[] Bytes(int column) => Blob(column).ToArray();

    public override Guid Uuid(int column) => new(Blob(column), bigEndian: true);

    // Of a text too: the bytes as they stand there, without looking for an end.
    private ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, Present(column));

    private int Present(int column) => IsNull(column) ? throw new InvalidCastException($"Column {column} is null.") : column;
}
