using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>
/// Messages of one conversation forget the post that they shared: it is gone. Each is told whole, in its present state, to those who may have it.
/// </summary>
internal sealed class ForgetPost(Guid conversationId, Guid postId, Guid[] messageIds) : Change<Done>(conversationId)
{
    public override async Task<Result<Done>> Apply(Sql sql, ConversationHead head)
    {
        foreach (var message in await MessageRows.ByIds(sql, messageIds))
        {
            if (message.SharedPostId != postId) continue;
            var revision = head.NextRevision();
            await sql.Execute("""
                update messages set shared_post_id = null, revision = @revision where conversation_id = @conversation and server_sequence = @sequence
                """, ("revision", revision), ("conversation", ConversationId), ("sequence", message.Sequence));
            head.Tell(new MessagePosted(message with { SharedPostId = null, SharedPost = null, Revision = revision }, head.Open));
        }
        return default(Done);
    }
}
