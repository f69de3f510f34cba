using System.Data.Common;

namespace United.Core.Storage;

/// <summary>The present row of a result, read by column number. Valid only inside the mapping function.</summary>
public readonly struct SqlRow(DbDataReader reader, Engine engine)
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public long Int64(int column) => reader.GetInt64(column);

    public int Int32(int column) => checked((int)Convert.ToInt64(reader.GetValue(column), null));

    public bool Bool(int column) => reader.GetBoolean(column);

    public string Text(int column) => reader.GetString(column);

    public byte[] Bytes(int column) => (byte[])reader.GetValue(column);

    public Guid Uuid(int column) =>
        engine == Engine.Postgres ? reader.GetGuid(column) : new Guid(Bytes(column), bigEndian: true);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    public Guid? UuidOrNull(int column) => IsNull(column) ? null : Uuid(column);
}
