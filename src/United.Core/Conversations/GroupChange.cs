using United.Core.Media;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Conversations;

/// <summary>A change of a group by one of its members: to others it does not exist.</summary>
internal abstract class GroupChange<T>(Guid groupId, Caller caller, TimeProvider time) : Change<T>(groupId)
{
    protected Caller Caller => caller;

    protected TimeProvider Time => time;

    protected long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What every member may do: to leave.</summary>
    protected virtual bool ByAnyMember => false;

    public override IReadOnlyList<Guid> MemberIds => [caller.UserId];

    public sealed override async Task<Result<T>> Apply(Sql sql, ConversationHead head)
    {
        if (head.Conversation.Kind == ConversationKind.Channel) return Fault.NotFound;
        if (await MemberStore.RoleOf(sql, ConversationId, caller.UserId) is not { } role) return Fault.NotFound;
        if (head.Conversation.Kind != ConversationKind.Group) return GroupRules.NoGroup;
        return role == MemberRole.Admin || ByAnyMember ? await Make(sql, head) : Fault.Forbidden;
    }

    protected abstract Task<Result<T>> Make(Sql sql, ConversationHead head);

    protected Task<Message> Say(Sql sql, ConversationHead head, string what) => SystemMessages.Post(sql, head, caller, what, time);
}

internal sealed class ChangeAppearance(ChangeGroup change, Caller caller, TimeProvider time) : GroupChange<Done>(change.ConversationId, caller, time)
{
    protected override async Task<Result<Done>> Make(Sql sql, ConversationHead head)
    {
        var before = head.Conversation;
        if (!GroupRules.Changed(before, change).TryGet(out var after, out var refusal)) return refusal;
        if (after == before) return default(Done);
        var otherPicture = after.AvatarMediaId != before.AvatarMediaId;
        if (otherPicture && await GroupRules.NoPicture(sql, after.AvatarMediaId, Caller.UserId) is { } noPicture) return noPicture;
        if (otherPicture && before.AvatarMediaId is { } replaced) await MediaRows.Release(sql, replaced);
        head.Replace(after);
        head.Tell(new ConversationUpdated(head.Conversation));
        if (after.Name != before.Name) await Say(sql, head, $"changed the name to “{after.Name}”");
        if (otherPicture) await Say(sql, head, after.AvatarMediaId is null ? "took the picture away" : "changed the picture");
        return default(Done);
    }
}

internal sealed class AddMember(Guid groupId, Guid userId, MemberRole role, Caller caller, TimeProvider time) : GroupChange<Done>(groupId, caller, time)
{
    public override IReadOnlyList<Guid> MemberIds => [Caller.UserId, userId];

    protected override async Task<Result<Done>> Make(Sql sql, ConversationHead head)
    {
        if (await MemberStore.Has(sql, ConversationId, userId)) return default(Done);
        if (await Approached.By(sql, Caller.UserId, [userId]) is not [var other]) return Fault.NotFound;
        if (other.RefusesGroup) return Fault.Forbidden;
        if (await MemberStore.Count(sql, ConversationId) >= GroupRules.MostMembers) return Fault.TooMany;
        await MemberStore.Let(sql, head, userId, Now, read: head.LastSequence, role);
        await Say(sql, head, $"added @user:{userId}");
        if (role == MemberRole.Admin) await Say(sql, head, $"made @user:{userId} an admin");
        return default(Done);
    }
}

internal sealed class ChangeRole(Guid groupId, Guid userId, MemberRole role, Caller caller, TimeProvider time) : GroupChange<Done>(groupId, caller, time)
{
    public override IReadOnlyList<Guid> MemberIds => [Caller.UserId, userId];

    protected override async Task<Result<Done>> Make(Sql sql, ConversationHead head)
    {
        if (await MemberStore.RoleOf(sql, ConversationId, userId) is not { } before) return Fault.NotFound;
        if (before == role) return default(Done);
        if (role == MemberRole.Member && !await MemberStore.HasOtherAdmin(sql, ConversationId, userId)) return GroupRules.NeedsAnAdmin;
        await MemberStore.SetRole(sql, head, userId, role);
        if (role == MemberRole.Admin) await Say(sql, head, $"made @user:{userId} an admin");
        return default(Done);
    }
}
