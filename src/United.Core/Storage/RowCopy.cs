using Npgsql;
using NpgsqlTypes;

namespace United.Core.Storage;

/// <summary>Puts the rows of a chunk into its table, the way that is quick on each database.</summary>
internal static class RowCopy
{
    /// <returns>The number of rows.</returns>
    public static Task<long> Into(Sql sql, RowReader chunk) => sql is PostgresSql postgres ? Copy(postgres, chunk) : Insert(sql, chunk);

    private static async Task<long> Insert(Sql sql, RowReader chunk)
    {
        var names = chunk.Table.Columns.Select((_, i) => $"c{i}").ToArray();
        var insert = $"insert into {chunk.Table.Name} ({chunk.Table.ColumnNames}) values ({string.Join(", ", names.Select(name => "@" + name))})";
        var rows = 0L;
        while (chunk.Next() is { } values)
        {
            await sql.Execute(insert, [.. names.Select((name, i) => (name, values[i]))]);
            rows++;
        }
        return rows;
    }

    private static async Task<long> Copy(PostgresSql sql, RowReader chunk)
    {
        var types = chunk.Table.Columns.Select(column => TypeOf(column.Type)).ToArray();
        await using var copy = await sql.Connection.BeginBinaryImportAsync($"copy {chunk.Table.Name} ({chunk.Table.ColumnNames}) from stdin (format binary)");
        var rows = 0L;
        while (chunk.Next() is { } values)
        {
            await copy.StartRowAsync();
            for (var i = 0; i < values.Length; i++) await Write(copy, values[i], types[i]);
            rows++;
        }
        await copy.CompleteAsync();
        return rows;
    }

    private static Task Write(NpgsqlBinaryImporter copy, object? value, NpgsqlDbType type) => value switch
    {
        null => copy.WriteNullAsync(),
        Guid id => copy.WriteAsync(id, type),
        byte[] bytes => copy.WriteAsync(bytes, type),
        bool flag => copy.WriteAsync(flag, type),
        short number => copy.WriteAsync(number, type),
        int number => copy.WriteAsync(number, type),
        long number => copy.WriteAsync(number, type),
        string text => copy.WriteAsync(text, type),
        _ => throw new InvalidOperationException($"No column holds a {value.GetType().Name}."),
    };

    private static NpgsqlDbType TypeOf(string type) => type switch
    {
        "uuid" => NpgsqlDbType.Uuid,
        "bytea" => NpgsqlDbType.Bytea,
        "boolean" => NpgsqlDbType.Boolean,
        "smallint" => NpgsqlDbType.Smallint,
        "integer" => NpgsqlDbType.Integer,
        "bigint" => NpgsqlDbType.Bigint,
        _ => NpgsqlDbType.Text,
    };
}
