using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Presence;

/// <summary>Signs of somebody writing: passed on at most once in two seconds, to those who may read the conversation, and never stored.</summary>
public sealed class Typing(Database database, INodeBus bus, RateLimits limits, TimeProvider time)
{
    private const string IsHeard = $"""
        select 1 from conversations c join conversation_members m on m.conversation_id = c.id and m.user_id = @user
        where c.id = @conversation and {ReceiptRules.ToldOf}
        """;

    /// <returns>Done also where it was too soon to tell again: a sign more or less is nobody's mistake.</returns>
    public async Task<Result<Done>> Tell(Caller caller, Guid conversationId, CancellationToken ct = default)
    {
        if (await limits.Ask(Limit.Typing, RateLimits.Subject(caller.UserId, conversationId)) is not null) return default(Done);
        if (await database.Read(sql => Heard(sql, caller.UserId, conversationId), ct) is not { } heard) return Fault.NotFound;
        if (heard) bus.Whisper(new UserTyping(conversationId, caller.UserId, caller.PublicKey, caller.DisplayName, time.GetUtcNow().ToUnixTimeMilliseconds()));
        return default(Done);
    }

    private static async Task<bool?> Heard(Sql sql, Guid userId, Guid conversationId) =>
        await ReadAccess.Of(sql, userId, conversationId) is { } access
            ? access.Kind is not (ConversationKind.Direct or ConversationKind.Dm) || await sql.Exists(IsHeard, ("user", userId), ("conversation", conversationId))
            : null;
}
