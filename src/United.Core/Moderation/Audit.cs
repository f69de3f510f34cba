using United.Core.Storage;

namespace United.Core.Moderation;

/// <summary>The operator's record of who did what to whom: written in the transaction of the act itself.</summary>
internal static class Audit
{
    private const string Insert = "insert into audit (id, at, actor_id, action, target_id, detail) values (@id, @at, @actor, @action, @target, @detail)";

    /// <param name="actor">Null: the operator, at the machine.</param>
    /// <param name="detail">Never a secret, never the content of a message.</param>
    public static Task Write(Sql sql, TimeProvider time, Guid? actor, string action, Guid? target = null, string detail = "") =>
        Execute(sql, Insert, new AuditRow(Ids.New(time), time.GetUtcNow().ToUnixTimeMilliseconds(), actor, action, target), detail);

    /// <summary>A row of something that goes on: what is known of it by now takes the place of what stands there.</summary>
    public static Task Keep(Sql sql, AuditRow row, string detail) => Execute(sql, Insert + " on conflict (id) do update set detail = excluded.detail", row, detail);

    private static Task<int> Execute(Sql sql, string text, AuditRow row, string detail) => sql.Execute(text,
        ("id", row.Id), ("at", row.At), ("actor", row.ActorId), ("action", row.Action), ("target", row.TargetId), ("detail", detail));
}

internal sealed record AuditRow(Guid Id, long At, Guid? ActorId, string Action, Guid? TargetId);
