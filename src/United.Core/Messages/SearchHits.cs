using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// One page of hits, newest first. SQLite walks the intersection of the trigrams' lists from the newest back and stops when the
/// page is full. PostgreSQL's index gives all of its hits in no order: what is common is found sooner in the newest messages, and
/// only what is not common there (less than one in some hundred) is asked of the index.
/// </summary>
internal sealed class SearchHits(string text, SearchMessages request, Guid[] readable)
{
    public const int ScannedForShort = 10_000;

    private const int ScannedForCommon = 5_000;

    private const string OnPostgres = "strpos(s.folded, @text) > 0 and s.conversation_id = any(@readable)";
    private const string OnSqlite = "instr(s.folded, @text) > 0 and s.conversation_id = any(@readable)";
    private const string BySender = " and s.sender_id = @sender";
    private const string Newest = " order by s.id desc limit @limit";

    private const string Scan = "select s.id, s.message_id from (select * from message_search where id < @before order by id desc limit @scanned) s where ";

    // offset 0: the other conditions must not tempt the planner away from the index.
    private const string ByGrams = $"select s.id, s.message_id from (select * from message_search where grams @> @grams offset 0) s where s.id < @before and {OnPostgres}";

    private const string ByTrigrams = $"""
        select s.id, s.message_id from message_trigrams f cross join message_search s
        where f.message_trigrams match @match and f.rowid < @before and s.id = f.rowid and {OnSqlite}
        """;

    // By the list's own number, though s.id is the same: only so SQLite walks backwards and stops, instead of sorting all hits.
    private const string NewestOfList = " order by f.rowid desc limit @limit";

    private readonly Guid[] _readable = request.ConversationId is { } one ? [one] : readable;
    private readonly int _limit = Math.Min(request.Limit, Search.MostLimit);
    private readonly long _before = Math.Min(request.Cursor ?? long.MaxValue, request.Before is { } moment ? SearchRow.KeyAt(moment) : long.MaxValue);

    public async Task<(Guid[] MessageIds, long? Next)> Find(Sql sql)
    {
        if (text.EnumerateRunes().Count() < SearchText.ShortestIndexed) return await FindShort(sql);
        if (!sql.IsPostgres) return Page(await Indexed(sql));
        var common = await Scanned(sql, ScannedForCommon);
        return Page(common.Count > _limit ? common : await Indexed(sql));
    }

    private async Task<(Guid[], long?)> FindShort(Sql sql)
    {
        var hits = await Scanned(sql, ScannedForShort);
        if (hits.Count > _limit) return Page(hits);
        var last = await sql.All($"select id from message_search where id < @before order by id desc limit 1 offset {ScannedForShort - 1}",
            row => row.Int64(0), ("before", _before));
        return ([.. hits.Select(hit => hit.MessageId)], last is [var key] ? key : null);
    }

    private Task<List<(long Key, Guid MessageId)>> Scanned(Sql sql, int most) =>
        All(sql, Scan + (sql.IsPostgres ? OnPostgres : OnSqlite), Newest, ("scanned", most));

    private Task<List<(long Key, Guid MessageId)>> Indexed(Sql sql) =>
        sql.IsPostgres ? All(sql, ByGrams, Newest, ("grams", Grams())) : All(sql, ByTrigrams, NewestOfList, ("match", Match()));

    // One more than the page tells that there are more.
    private Task<List<(long Key, Guid MessageId)>> All(Sql sql, string select, string newest, (string, object?) by)
    {
        (string, object?)[] values = [("text", text), ("readable", _readable), ("before", _before), ("limit", _limit + 1), by];
        return request.SenderId is { } sender
            ? sql.All(select + BySender + newest, Map, [.. values, ("sender", sender)])
            : sql.All(select + newest, Map, values);
    }

    private (Guid[], long?) Page(List<(long Key, Guid MessageId)> hits) =>
        ([.. hits.Take(_limit).Select(hit => hit.MessageId)], hits.Count > _limit ? hits[_limit - 1].Key : null);

    private int[] Grams()
    {
        var grams = new HashSet<int>();
        foreach (var part in Scopes().Prepend(text)) SearchText.AddGrams(part, grams);
        return [.. grams];
    }

    private string Match() => string.Join(" AND ", SearchText.Trigrams(text).Concat(Scopes()).Select(Quoted));

    private IEnumerable<string> Scopes()
    {
        if (request.ConversationId is { } conversation) yield return SearchText.OfConversation(conversation);
        if (request.SenderId is { } sender) yield return SearchText.OfSender(sender);
    }

    // In quotes everything is text, a quote being two.
    private static string Quoted(string trigram) => $"\"{trigram.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static (long, Guid) Map(SqlRow row) => (row.Int64(0), row.Uuid(1));
}
