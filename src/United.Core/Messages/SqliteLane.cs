using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>The lane of SQLite: whatever gathered is one transaction of the one writer.</summary>
internal sealed class SqliteLane(Database database) : LaneStore
{
    public override Task<List<Event>> Write(IReadOnlyList<LaneItem> part) => database.Write(sql => LaneTransaction.Run(sql, part));

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
