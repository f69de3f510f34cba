using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Tests.Messages;

/// <summary>What the server says in the name of whoever acted: a message of type system.</summary>
internal sealed class Notice(Guid conversationId, Caller by, TimeProvider time) : Change<Message>(conversationId)
{
    public override async Task<Result<Message>> Apply(Sql sql, ConversationHead head) => await SystemMessages.Post(sql, head, by, "renamed", time);
}
