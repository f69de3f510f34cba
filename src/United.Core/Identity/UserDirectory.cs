using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>Members of the server, as every member may see them. The list shows who is suspended to those who may undo it.</summary>
public sealed class UserDirectory(Database database)
{
    private const int MostQuery = 64;

    public Task<Result<User>> Find(Guid id, CancellationToken ct = default) => database.Read(sql => UserStore.Get(sql, id), ct);

    /// <summary>By username.</summary>
    /// <param name="query">Found in the username or the display name, without regard to case (of ASCII letters).</param>
    /// <param name="after">The username after which the page begins.</param>
    public async Task<Result<List<User>>> List(Caller caller, string? query, string? after, int limit, CancellationToken ct = default)
    {
        if (query is not null && TextRules.Line("query", query, least: 0, MostQuery) is { } wrong) return wrong;
        if (after is not null && TextRules.Line("cursor", after, least: 0, MostQuery) is not null) return Refusal.Invalid("cursor", "is not one of ours");
        return await database.Read(async sql => await UserStore.WithRoles(sql, await sql.All(
            UserStore.Select(
                """
                deleted_at is null and (suspended_at is null or @staff) and username > @after
                and (username like @pattern escape '\' or lower(display_name) like @pattern escape '\') order by username limit @limit
                """),
            UserStore.Map, ("staff", caller.May(Permissions.ManageMembers)), ("after", after ?? ""), ("pattern", Pattern(query)), ("limit", limit))), ct);
    }

    // Lower by ASCII on both engines: SQLite folds nothing else, so nothing else may be folded here.
    private static string Pattern(string? query) => "%" + string.Concat((query ?? "").Select(c => c switch
    {
        '%' or '_' or '\\' => "\\" + c,
        _ => char.ToString(char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : c),
    })) + "%";
}
