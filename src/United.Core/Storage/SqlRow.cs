namespace United.Core.Storage;

/// <summary>The present row of a result, read by column number. Valid only inside the mapping function.</summary>
public abstract class SqlRow
{
    public abstract bool IsNull(int column);

    public abstract long Int64(int column);

    public abstract int Int32(int column);

    public abstract bool Bool(int column);

    public abstract string Text(int column);

    public abstract byte[] Bytes(int column);

    public abstract Guid Uuid(int column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    public Guid? UuidOrNull(int column) => IsNull(column) ? null : Uuid(column);
}
