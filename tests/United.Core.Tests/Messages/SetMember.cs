using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Tests.Messages;

/// <summary>Lets somebody in or shuts them out, as every slice does it: under the conversation's lock, stamped and told.</summary>
internal sealed class SetMember(Guid conversationId, Caller member, MemberState state) : Change<long>(conversationId)
{
    public override IReadOnlyList<Guid> MemberIds => [member.UserId];

    public override async Task<Result<long>> Apply(Sql sql, ConversationHead head)
    {
        var revision = head.NextMemberRevision();
        await sql.Execute("""
            insert into conversation_members (conversation_id, user_id, state, joined_at, revision) values (@id, @user, @state, 0, @revision)
            on conflict (conversation_id, user_id) do update set state = excluded.state, revision = excluded.revision
            """, ("id", ConversationId), ("user", member.UserId), ("state", (int)state), ("revision", revision));
        head.Tell(new MemberChanged(new Member(ConversationId, member.UserId, member.DisplayName, MemberRole.Member, state, 0, revision), head.Conversation));
        return revision;
    }
}
