using Npgsql;

namespace United.Core.Storage;

/// <summary>Statements on one PostgreSQL connection, prepared by Npgsql as they recur.</summary>
public sealed class PostgresSql(NpgsqlConnection connection, NpgsqlTransaction? transaction) : Sql(Engine.Postgres)
{
    private bool _unhurried;

    public NpgsqlConnection Connection { get; } = connection;

    public NpgsqlTransaction? Transaction { get; } = transaction;

    public override async Task LiftTimeLimits()
    {
        _unhurried = true;
        await Execute("set local statement_timeout = 0");
        await Execute("set local enable_seqscan = on"); // what takes long reads whole tables
    }

    protected override SqlUse Prepare(string text, (string Name, object? Value)[] values)
    {
        var command = new NpgsqlCommand(text, Connection, Transaction);
        if (_unhurried) command.CommandTimeout = 0;
        foreach (var (name, value) in values) command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
        return new SqlUse(command, owned: true);
    }
}
