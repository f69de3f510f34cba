using United.Core.Storage;

namespace United.Core.Moderation;

/// <param name="ActorId">Null: the operator, at the machine.</param>
public sealed record AuditEntry(Guid Id, long At, Guid? ActorId, string Action, Guid? TargetId, string Detail);

/// <summary>The audit, for those who run the server.</summary>
public sealed class AuditLog(Database database)
{
    private const string Select = """
        select id, at, actor_id, action, target_id, detail from audit
        where (at, id) < (@at, @id) and (@action = '' or action = @action) order by at desc, id desc limit @limit
        """;

    /// <summary>The newest first.</summary>
    /// <param name="action">Of this kind alone; "": of all.</param>
    /// <param name="after">The last entry of the page before.</param>
    public async Task<Result<List<AuditEntry>>> List(Caller caller, string action, AuditPlace? after, int limit, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageServer)) return Fault.Forbidden;
        return await database.Read(sql => sql.All(Select,
            row => new AuditEntry(row.Uuid(0), row.Int64(1), row.UuidOrNull(2), row.Text(3), row.UuidOrNull(4), row.Text(5)),
            ("at", after?.At ?? long.MaxValue), ("id", after?.Id ?? Guid.AllBitsSet), ("action", action), ("limit", limit)), ct);
    }
}

/// <summary>A place in the audit.</summary>
public readonly record struct AuditPlace(long At, Guid Id);
