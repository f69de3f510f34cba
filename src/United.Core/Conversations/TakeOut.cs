using United.Core.Media;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Conversations;

/// <summary>
/// Takes somebody out of a group, or lets them leave. When the last admin leaves who could use the role, it goes to whoever has been there longest
/// and can use it: to somebody suspended only if nobody else is left, and no admin among these. When the last member leaves, the group ends.
/// </summary>
/// <param name="successorId">Who is likely to get the role, so that the row is locked in its turn.</param>
internal sealed class TakeOut(Guid groupId, Guid userId, Guid? successorId, Caller caller, TimeProvider time) : GroupChange<long?>(groupId, caller, time)
{
    // An admin who comes first inherits nothing: either they can act, or nobody can who stays.
    private const string SelectHeir = """
        select m.user_id, m.role from conversation_members m join users u on u.id = m.user_id
        where m.conversation_id = @group and m.state = 1 and m.user_id <> @user
        order by u.suspended_at is not null or u.deleted_at is not null, m.role desc, m.joined_at, m.user_id limit 1
        """;

    private bool Leaves => userId == Caller.UserId;

    protected override bool ByAnyMember => Leaves;

    public override IReadOnlyList<Guid> MemberIds => successorId is { } successor ? [Caller.UserId, userId, successor] : [Caller.UserId, userId];

    /// <returns>Null: nobody would be left.</returns>
    public static Task<(Guid UserId, MemberRole Role)?> Heir(Sql sql, Guid groupId, Guid leaverId) => sql.One(
        SelectHeir, row => ((Guid, MemberRole)?)(row.Uuid(0), (MemberRole)row.Int32(1)), ("group", groupId), ("user", leaverId));

    /// <returns>The revision as of which they may no longer read it; null if they were no member.</returns>
    protected override async Task<Result<long?>> Make(Sql sql, ConversationHead head)
    {
        if (!await MemberStore.Has(sql, ConversationId, userId)) return (long?)null;
        if (await Heir(sql, ConversationId, userId) is not var (heir, role)) return (long?)await End(sql, head);
        var orphaned = role != MemberRole.Admin;
        var revision = await MemberStore.End(sql, head, userId, Leaves ? MemberState.Left : MemberState.Removed);
        if (orphaned) await MemberStore.SetRole(sql, head, heir, MemberRole.Admin);
        await Say(sql, head, Leaves ? "left" : $"removed @user:{userId}");
        if (orphaned) await Say(sql, head, $"made @user:{heir} an admin");
        return (long?)revision;
    }

    private async Task<long> End(Sql sql, ConversationHead head)
    {
        if (head.Conversation.AvatarMediaId is { } picture) await MediaRows.Release(sql, picture);
        var revision = head.Delete(Now);
        head.Tell(new ConversationRemoved(ConversationId, revision, head.Open, ConversationKind.Group));
        return revision;
    }
}
