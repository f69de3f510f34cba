using Npgsql;
using United.Core.Messages;
using United.Core.Realtime;

namespace United.Core.DirectMessages;

/// <summary>A row of the answer to <see cref="DmStatement.Write"/>.</summary>
internal readonly struct DmRow(NpgsqlDataReader reader, PostDm post, DmPair pair)
{
    public bool IsFresh => reader.GetBoolean(0);

    /// <summary>
    /// It is written, now or before: then only the answer to its commit was lost. One that somebody has changed since is not for the
    /// statement to tell of.
    /// </summary>
    public bool Stands => reader.GetBoolean(1) || StoodBefore;

    /// <summary>Adds its events.</summary>
    public SentDm Outcome(List<Event> events)
    {
        var first = StoodBefore ? 6 : 2;
        var message = post.Stored(pair, reader.GetInt64(first), reader.GetInt64(first + 1), reader.GetInt64(first + 2));
        events.Add(new MessagePosted(message, Open: false));
        return new SentDm(message, Duplicate: false);
    }

    private bool StoodBefore => !reader.IsDBNull(5) && reader.GetGuid(5) == post.Id && !reader.GetBoolean(9);
}
