using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// One registration or change of owner or key at a time, over all nodes: what is unique about accounts (the first owner, names, keys, the
/// number of them) can then be checked and written in two steps. Seldom enough that nobody waits. SQLite has one writer.
/// </summary>
internal static class AccountLock
{
    private const long Key = 0x756E_0001;

    /// <summary>The first statement of its transaction; those after it see what the holder before committed.</summary>
    public static Task Take(Sql sql) =>
        sql.IsPostgres ? sql.Execute("select pg_advisory_xact_lock(@key)", ("key", Key)) : Task.CompletedTask;
}
