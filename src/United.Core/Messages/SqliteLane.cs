using Microsoft.Data.Sqlite;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>The lane of SQLite: whatever gathered is one transaction of the one writer.</summary>
internal sealed class SqliteLane(Database database) : LaneStore
{
    // Result codes of SQLite: what the rows themselves are to blame for. All else is the state of the file or the disk.
    private const int TooBig = 18, Constraint = 19, Mismatch = 20;

    public override async Task<List<Event>> Write(IReadOnlyList<LaneItem> part)
    {
        try
        {
            return await database.Write(sql => LaneTransaction.Run(sql, part));
        }
        catch (SqliteException e) when (e.SqliteErrorCode is not (TooBig or Constraint or Mismatch))
        {
            throw new DatabaseUnavailableException("The database can't write.", e);
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
