using Npgsql;

namespace United.Core.Messages;

/// <summary>
/// The lock on some conversations and the statement that judges and writes under it, in one round trip of PostgreSQL and one implicit
/// transaction. Prepared on one connection and used again and again, with parameters that keep their places and change their values.
/// </summary>
internal sealed class LockedStatement : IAsyncDisposable
{
    private const string LockOne = "select 1 from conversations where id = $1 for no key update";
    private const string LockAll = "select 1 from conversations where id = any($1) order by id for no key update";

    private readonly NpgsqlBatch _batch;
    private bool _prepared;

    public LockedStatement(NpgsqlConnection connection, NpgsqlParameter<Guid> conversation, string text, params ReadOnlySpan<NpgsqlParameter> parameters)
        : this(connection, LockOne, conversation, text, parameters)
    {
    }

    public LockedStatement(NpgsqlConnection connection, NpgsqlParameter<Guid[]> conversations, string text, params ReadOnlySpan<NpgsqlParameter> parameters)
        : this(connection, LockAll, conversations, text, parameters)
    {
    }

    private LockedStatement(NpgsqlConnection connection, string lockText, NpgsqlParameter locked, string text, ReadOnlySpan<NpgsqlParameter> parameters)
    {
        _batch = new NpgsqlBatch(connection);
        Add(lockText, locked);
        Add(text, parameters);
    }

    /// <returns>The rows of the statement. Committed when the reader has found no further result.</returns>
    public async Task<NpgsqlDataReader> Execute()
    {
        if (!_prepared) await _batch.PrepareAsync();
        _prepared = true;
        var reader = await _batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        return reader;
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private void Add(string text, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        _batch.BatchCommands.Add(command);
    }
}
