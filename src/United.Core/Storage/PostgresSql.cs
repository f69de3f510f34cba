using Npgsql;

namespace United.Core.Storage;

/// <summary>Statements on one PostgreSQL connection, prepared by Npgsql as they recur.</summary>
public sealed class PostgresSql(NpgsqlConnection connection, NpgsqlTransaction? transaction) : Sql(Engine.Postgres)
{
    private bool _unhurried;

    public NpgsqlConnection Connection { get; } = connection;

    public NpgsqlTransaction? Transaction { get; } = transaction;

    public override async Task<int> Execute(string text, params (string Name, object? Value)[] values)
    {
        await using var command = Command(text, values);
        return await command.ExecuteNonQueryAsync();
    }

    public override async Task<List<T>> All<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values)
    {
        await using var command = Command(text, values);
        await using var reader = await command.ExecuteReaderAsync();
        var (row, rows) = (new PostgresRow(reader), new List<T>());
        while (await reader.ReadAsync()) rows.Add(map(row));
        return rows;
    }

    public override async Task<T?> One<T>(string text, Func<SqlRow, T> map, params (string Name, object? Value)[] values)
        where T : default
    {
        await using var command = Command(text, values);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? map(new PostgresRow(reader)) : default;
    }

    public override async Task Each(string text, Func<SqlRow, ValueTask> use, params (string Name, object? Value)[] values)
    {
        await using var command = Command(text, values);
        await using var reader = await command.ExecuteReaderAsync();
        var row = new PostgresRow(reader);
        while (await reader.ReadAsync()) await use(row);
    }

    public override async Task LiftTimeLimits()
    {
        _unhurried = true;
        await Execute("set local statement_timeout = 0");
        await Execute("set local enable_seqscan = on"); // what takes long reads whole tables
    }

    public override Task CommitWithoutDisk() => Execute("set local synchronous_commit = off");

    private NpgsqlCommand Command(string text, (string Name, object? Value)[] values)
    {
        var command = new NpgsqlCommand(text, Connection, Transaction);
        if (_unhurried) command.CommandTimeout = 0;
        foreach (var (name, value) in values) command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
        return command;
    }
}
