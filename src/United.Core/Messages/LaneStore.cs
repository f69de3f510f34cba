using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>How the lanes of one kind of database write.</summary>
internal abstract class LaneStore : IAsyncDisposable
{
    public static LaneStore Of(Database database) =>
        database is PostgresDatabase postgres ? new PostgresLane(postgres.Lanes) : new SqliteLane(database);

    /// <summary>What gathered, cut into parts that are committed one after the other. Keeps the order within a conversation.</summary>
    public virtual IEnumerable<IReadOnlyList<LaneItem>> Parts(IReadOnlyList<LaneItem> gathered) => gathered.Count > 0 ? [gathered] : [];

    /// <summary>Writes one part, or a half of it, in one transaction, and sets the outcome of each.</summary>
    /// <returns>The events of what is committed now.</returns>
    /// <exception cref="LaneRetryException">Nothing was written, or it is safe to write it again.</exception>
    /// <exception cref="DatabaseUnavailableException">It can't be written now, or nobody knows whether it was.</exception>
    public abstract Task<List<Event>> Write(IReadOnlyList<LaneItem> part);

    public abstract ValueTask DisposeAsync();
}

/// <summary>The database is busy or away for a moment: the same again may succeed.</summary>
internal sealed class LaneRetryException(Exception inner) : Exception("To be tried again.", inner);
