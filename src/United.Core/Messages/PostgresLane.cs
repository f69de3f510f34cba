using Npgsql;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// A lane of PostgreSQL: one connection, opened when it is needed and again after it broke. Changes of a sort are written many at a time
/// (<see cref="LaneBatch"/>), all others in a transaction, one after the other.
/// </summary>
internal sealed class PostgresLane(NpgsqlDataSource source) : LaneStore
{
    private readonly Dictionary<BatchSort, LaneBatch> _batches = [];
    private NpgsqlConnection? _connection;

    public override IEnumerable<IReadOnlyList<LaneItem>> Parts(IReadOnlyList<LaneItem> gathered) => LaneParts.Of(gathered);

    public override async Task<List<Event>> Write(IReadOnlyList<LaneItem> part)
    {
        try
        {
            var connection = await Connection();
            return part[0].Change.Sort is { } sort
                ? await Batch(connection, sort).Write(part, apart => Transaction(connection, apart))
                : await Transaction(connection, part);
        }
        // Two writers who each wait for a row of the other (names that both give) would meet again in the same parts; in smaller ones they pass.
        catch (PostgresException e) when (PostgresDatabase.IsRetriable(e) && (part.Count == 1 || e.SqlState != PostgresErrorCodes.DeadlockDetected))
        {
            throw new LaneRetryException(e);
        }
        catch (Exception e) when (PostgresDatabase.IsAway(e))
        {
            await Drop();
            throw new LaneRetryException(e);
        }
    }

    public override ValueTask DisposeAsync() => Drop();

    private LaneBatch Batch(NpgsqlConnection connection, BatchSort sort) =>
        _batches.TryGetValue(sort, out var known) ? known : _batches[sort] = sort.On(connection);

    private static async Task<List<Event>> Transaction(NpgsqlConnection connection, IReadOnlyList<LaneItem> part)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var events = await LaneTransaction.Run(new PostgresSql(connection, transaction), [.. part.OrderBy(item => item.Change.Pair, StringComparer.Ordinal)]);
        await Commit(transaction);
        return events;
    }

    // Where the answer to a commit is lost, the changes may stand or not, and to apply them again could apply them twice.
    private static async Task Commit(NpgsqlTransaction transaction)
    {
        try
        {
            await transaction.CommitAsync();
        }
        catch (Exception e) when (PostgresDatabase.IsAway(e))
        {
            throw new DatabaseUnavailableException("It is not known whether the changes were committed.", e);
        }
    }

    private async ValueTask<NpgsqlConnection> Connection()
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open }) return _connection;
        await Drop();
        return _connection = await source.OpenConnectionAsync();
    }

    private async ValueTask Drop()
    {
        foreach (var batch in _batches.Values) await batch.DisposeAsync();
        _batches.Clear();
        if (_connection is not null) await _connection.DisposeAsync();
        _connection = null;
    }
}
