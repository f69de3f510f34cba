using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Conversations;

/// <summary>A group as it begins: its maker is its admin.</summary>
/// <param name="memberIds">Besides the maker.</param>
internal sealed class StartGroup(Conversation group, Guid[] memberIds, Caller caller, TimeProvider time) : Change<StartedConversation>(group.Id)
{
    public override Conversation? Starts => group;

    public override IReadOnlyList<Guid> MemberIds => [caller.UserId, .. memberIds];

    public override async Task<Result<StartedConversation>> Apply(Sql sql, ConversationHead head)
    {
        var approached = await Approached.By(sql, caller.UserId, memberIds);
        if (approached.Count < memberIds.Length) return Refusal.Invalid("member_ids", "names somebody who is not here");
        if (approached.Find(person => person.RefusesGroup) is { } refuses) return new Refusal(Fault.Forbidden, $"member_ids[{Array.IndexOf(memberIds, refuses.UserId)}]");
        if (await GroupRules.NoPicture(sql, group.AvatarMediaId, caller.UserId) is { } noPicture) return noPicture;
        head.Start();
        head.Tell(new ConversationCreated(head.Conversation));
        await MemberStore.Let(sql, head, caller.UserId, group.CreatedAt, read: 0, MemberRole.Admin);
        foreach (var member in memberIds) await MemberStore.Let(sql, head, member, group.CreatedAt, read: 0);
        await SystemMessages.Post(sql, head, caller, $"created the group “{group.Name}”", time);
        return new StartedConversation(group.Id, Created: true);
    }
}
