using Npgsql;

namespace United.Testing;

/// <summary>A foreign transaction on PostgreSQL that holds the row of one conversation.</summary>
public sealed class RowLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private RowLock(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public static async Task<RowLock> Take(string connectionString, Guid conversationId)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        var held = new RowLock(connection, await connection.BeginTransactionAsync());
        await held.Ask("select 1 from conversations where id = @id for update", new NpgsqlParameter("id", conversationId));
        return held;
    }

    /// <summary>Returns when this many others wait for a lock.</summary>
    public async Task HeldUp(long count)
    {
        const string Waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while (await Ask(Waiting) < count)
        {
            await Task.Yield();
            await Ask("select 1 from (select pg_stat_clear_snapshot()) cleared");
        }
    }

    public Task Release() => _transaction.RollbackAsync();

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task<long> Ask(string text, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(text, _connection, _transaction);
        command.Parameters.AddRange(parameters);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), null);
    }
}
