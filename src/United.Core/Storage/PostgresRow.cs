using Npgsql;

namespace United.Core.Storage;

internal sealed class PostgresRow(NpgsqlDataReader reader) : SqlRow
{
    public override bool IsNull(int column) => reader.IsDBNull(column);

    public override long Int64(int column) => reader.GetInt64(column);

    // Of a smallint as well.
    public override int Int32(int column) => checked((int)Convert.ToInt64(reader.GetValue(column), null));

    public override bool Bool(int column) => reader.GetBoolean(column);

    public override string Text(int column) => reader.GetString(column);

    public override byte[] Bytes(int column) => (byte[])reader.GetValue(column);

    public override Guid Uuid(int column) => reader.GetGuid(column);
}
