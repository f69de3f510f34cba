using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Channels;

internal sealed class StartChannel(Conversation channel, Guid[] memberIds) : Change<Conversation>(channel.Id)
{
    public override Conversation? Starts => channel;

    public override IReadOnlyList<Guid> MemberIds => memberIds;

    public override async Task<Result<Conversation>> Apply(Sql sql, ConversationHead head)
    {
        if (await ChannelRules.NameTaken(sql, channel) is { } taken) return taken;
        if (await sql.Count("select count(*) from conversations where kind = 1 and deleted_at is null") >= ChannelRules.MostChannels) return Fault.TooMany;
        if (!await MemberStore.Exist(sql, memberIds)) return Refusal.Invalid("member_ids", "names somebody who is not here");
        head.Start();
        head.Tell(new ConversationCreated(head.Conversation));
        foreach (var member in memberIds) await MemberStore.Let(sql, head, member, channel.CreatedAt, read: 0);
        return head.Conversation;
    }
}
