using Npgsql;
using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>Applies changes one after the other in a transaction of their own.</summary>
/// <returns>Their events.</returns>
internal delegate Task<List<Event>> OneByOne(IReadOnlyList<LaneItem> items);

/// <summary>
/// Many changes of one sort in one round trip of PostgreSQL, by the rules of their <c>Apply</c>. Belongs to one connection.
/// </summary>
internal abstract class LaneBatch : IAsyncDisposable
{
    /// <summary>Locks, judges, writes, commits, and sets the outcome of each.</summary>
    /// <param name="oneByOne">
    /// For the items that the statement does not judge. Of one conversation's items that may be written, either all or none are left to it:
    /// else they would be numbered out of order.
    /// </param>
    /// <returns>The events, for each conversation in the order of its revisions.</returns>
    public abstract Task<List<Event>> Write(IReadOnlyList<LaneItem> items, OneByOne oneByOne);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Changes that go together into a <see cref="LaneBatch"/>.</summary>
internal sealed class BatchSort(Func<NpgsqlConnection, LaneBatch> on)
{
    public LaneBatch On(NpgsqlConnection connection) => on(connection);
}
