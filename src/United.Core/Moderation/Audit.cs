using United.Core.Storage;

namespace United.Core.Moderation;

/// <summary>The operator's record of who did what to whom: written in the transaction of the act itself.</summary>
internal static class Audit
{
    /// <param name="actor">Null: the operator, at the machine.</param>
    /// <param name="detail">Never a secret, never the content of a message.</param>
    public static Task Write(Sql sql, TimeProvider time, Guid? actor, string action, Guid? target = null, string detail = "") => sql.Execute(
        "insert into audit (id, at, actor_id, action, target_id, detail) values (@id, @at, @actor, @action, @target, @detail)",
        ("id", Ids.New(time)), ("at", time.GetUtcNow().ToUnixTimeMilliseconds()), ("actor", actor), ("action", action), ("target", target), ("detail", detail));
}
