using United.Core;
using United.Core.Presence;
using United.Server.Rest;

namespace United.Server.SocketIo;

/// <summary>typing and status:set: who is writing, and how somebody wants to be found.</summary>
internal sealed class PresenceSocketEvents(PresenceBoard board, Typing typing)
{
    public async Task<Result<Reply>> Typing(Caller caller, ConversationBody body) => Reply.Of(await typing.Tell(caller, body.ConversationId), _ => new DoneJson());

    public async Task<Result<Reply>> Set(Caller caller, PresenceBody body) => Reply.Of(await board.Set(caller, Words.Presence(body.Status)), _ => new DoneJson());
}
