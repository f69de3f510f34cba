using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>Members of the server, as every member may see them. The list shows who is suspended to those who may undo it.</summary>
public sealed class UserDirectory(Database database)
{
    private const int MostQuery = 64;

    // Sorted by bytes, and folded in ASCII alone: SQLite does nothing else, and PostgreSQL would do both by the locale of its database.
    private static readonly string OnPostgres = Page("collate \"C\""), OnSqlite = Page("collate binary");

    public Task<Result<User>> Find(Guid id, CancellationToken ct = default) => database.Read(sql => UserStore.Get(sql, id), ct);

    /// <summary>By username.</summary>
    /// <param name="query">Found in the username or the display name, without regard to case (of ASCII letters).</param>
    /// <param name="after">The username after which the page begins.</param>
    public async Task<Result<List<User>>> List(Caller caller, string? query, string? after, int limit, CancellationToken ct = default)
    {
        if (query is not null && TextRules.Line("query", query, least: 0, MostQuery) is { } wrong) return wrong;
        if (after is not null && TextRules.Line("cursor", after, least: 0, MostQuery) is not null) return Refusal.Invalid("cursor", "is not one of ours");
        return await database.Read(async sql => await UserStore.WithRoles(sql, await sql.All(
            sql.IsPostgres ? OnPostgres : OnSqlite, UserStore.Map, ("staff", caller.May(Permissions.ManageMembers)), ("after", after ?? ""), ("pattern", Pattern(query)), ("limit", limit))), ct);
    }

    private static string Page(string bytewise) => UserStore.Select($"""
        deleted_at is null and (suspended_at is null or @staff) and username {bytewise} > @after
        and (username like @pattern escape '\' or lower(display_name {bytewise}) like @pattern escape '\') order by username {bytewise} limit @limit
        """);

    // Folded as the database folds.
    private static string Pattern(string? query) => "%" + string.Concat((query ?? "").Select(c => c switch
    {
        '%' or '_' or '\\' => "\\" + c,
        _ => char.ToString(char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : c),
    })) + "%";
}
