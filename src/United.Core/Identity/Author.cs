using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// Who acts on accounts, roles, invitations or the server, with the rights that they have inside the transaction of the act: a caller was
/// resolved before it, and may have been demoted since. What takes the right away was committed before the act and is seen, or waits for its end.
/// </summary>
internal static class Author
{
    /// <summary>
    /// The first statements of a transaction. Locks the roles, then the accounts in the order of their ids, so that two who act on each other
    /// don't wait in a circle. SQLite has one writer.
    /// </summary>
    /// <param name="onUserId">On whose account they act.</param>
    public static async Task<Result<Caller>> Judge(Sql sql, Caller caller, Permissions needed, Guid? onUserId = null)
    {
        if (sql.IsPostgres)
        {
            Guid[] ids = [caller.UserId, onUserId ?? caller.UserId];
            await sql.Execute("lock table roles in share mode");
            await sql.Execute("select 1 from users where id = any(@ids) order by id for no key update", ("ids", ids));
        }
        if (await UserStore.Find(sql, caller.UserId) is not { SuspendedAt: null } user) return Fault.SessionEnded;
        var author = caller with { Role = user.Role, Permissions = user.Permissions };
        return author.May(needed) ? author : Fault.Forbidden;
    }
}
