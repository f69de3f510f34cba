using United.Core;
using United.Core.Messages;

namespace United.Server.SocketIo;

/// <summary>
/// conversation:join and conversation:leave. Rooms follow memberships by themselves, so these change nothing: they say whether
/// the caller may read the conversation.
/// </summary>
internal sealed class ConversationsSocketEvents(MessageReader reader)
{
    public async Task<Result<Reply>> Check(Caller caller, ConversationBody body) =>
        (await reader.State(caller, body.ConversationId)).Ok
            ? new Reply(new DoneJson())
            : new Refusal(Fault.NotFound, Reason: "Not a member of this conversation");
}
