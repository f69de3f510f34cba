using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Presence;

/// <summary>Signs of somebody writing: passed on at most once in two seconds, to those who may read the conversation, and never stored.</summary>
public sealed class Typing(Database database, INodeBus bus, RateLimits limits, TimeProvider time)
{
    /// <returns>Done also where it was too soon to tell again: a sign more or less is nobody's mistake.</returns>
    public async Task<Result<Done>> Tell(Caller caller, Guid conversationId, CancellationToken ct = default)
    {
        if (await limits.Ask(Limit.Typing, RateLimits.Subject(caller.UserId, conversationId)) is not null) return default(Done);
        if (await database.Read(sql => ReadAccess.Of(sql, caller.UserId, conversationId), ct) is null) return Fault.NotFound;
        bus.Whisper(new UserTyping(conversationId, caller.UserId, caller.PublicKey, caller.DisplayName, time.GetUtcNow().ToUnixTimeMilliseconds()));
        return default(Done);
    }
}
