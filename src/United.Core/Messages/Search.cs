using Microsoft.Data.Sqlite;
using Npgsql;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>Finds messages that contain a text, whatever their case.</summary>
/// <param name="Before">Unix milliseconds: only messages from before that moment.</param>
/// <param name="Cursor">Where the last page ended.</param>
/// <param name="Limit">At least 1; more than <see cref="Search.MostLimit"/> is cut to that.</param>
public sealed record SearchMessages(
    string Text, Guid? ConversationId = null, Guid? SenderId = null, long? Before = null, long? Cursor = null, int Limit = Search.UsualLimit);

/// <param name="Messages">Newest first. There may be fewer than asked for, or none, and yet more to come.</param>
/// <param name="Next">Where to go on; null at the end.</param>
public sealed record SearchPage(IReadOnlyList<Message> Messages, long? Next);

/// <summary>
/// Full-text search over what the caller may read: messages that contain the text, as <see cref="SearchText"/> folds both. Texts
/// of one or two characters have no trigram: they are looked for in the next <see cref="SearchHits.ScannedForShort"/> messages
/// of the server, page by page. The index is behind the log by a moment, so what it finds is compared with the present message.
/// </summary>
public sealed class Search(Database database, TimeProvider time)
{
    public const int UsualLimit = 20;
    public const int MostLimit = 50;
    public const int MostLength = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly Refusal TooSlow = new(Fault.Unavailable, "q", "This search takes too long. Make it narrower.");

    public async Task<Result<SearchPage>> Find(Caller caller, SearchMessages request, CancellationToken ct = default)
    {
        if (Refuse(request) is { } refusal) return refusal;
        var text = SearchText.Fold(request.Text);
        if (text.Length == 0) return Refusal.Invalid("q", "is empty");
        return await database.Snapshot<Result<SearchPage>>(async sql =>
        {
            var readable = await ReadAccess.Searchable(sql, caller.UserId);
            if (request.ConversationId is { } one && !readable.ContainsKey(one)) return Fault.NotFound;
            var found = await Hits(sql, new SearchHits(text, request, [.. readable.Keys]));
            return found is null ? TooSlow : new SearchPage(await Present(sql, caller.UserId, found.Value.MessageIds, text, readable), found.Value.Next);
        }, ct);
    }

    private static Refusal? Refuse(SearchMessages request)
    {
        if (TextRules.Text("q", request.Text, least: 1, MostLength) is { } wrong) return wrong;
        if (request.Before < 0) return Refusal.Invalid("before", "must not be negative");
        if (request.Cursor < 0) return Refusal.Invalid("cursor", "is not one of ours");
        return request.Limit < 1 ? Refusal.Invalid("limit", "must be at least 1") : null;
    }

    // A search that would take longer than anybody waits must not hold a connection.
    private async Task<(Guid[] MessageIds, long? Next)?> Hits(Sql sql, SearchHits hits)
    {
        try
        {
            if (sql is SqliteSql sqlite)
            {
                await using var limit = sqlite.InterruptAfter(Patience, time);
                return await hits.Find(sql);
            }
            await sql.Execute($"set local statement_timeout = {(int)Patience.TotalMilliseconds}");
            return await hits.Find(sql);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            return null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_INTERRUPT)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<Message>> Present(Sql sql, Guid reader, Guid[] ids, string text, Dictionary<Guid, ReadAccess> readable)
    {
        var messages = (await MessageRows.ByIds(sql, ids, reader)).ToDictionary(message => message.Id);
        return [.. ids.Where(messages.ContainsKey).Select(id => messages[id]).Where(message =>
            !message.Deleted
            && message.Sequence > readable[message.ConversationId].HiddenSequence
            && SearchText.Fold(message.Content).Contains(text, StringComparison.Ordinal))];
    }
}
