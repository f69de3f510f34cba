using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Channels;

/// <summary>A change of a channel by somebody who knows of it: to others, administrators too, a private channel does not exist.</summary>
internal abstract class ChannelChange<T>(Guid channelId, Caller caller, TimeProvider time) : Change<T>(channelId)
{
    protected Caller Caller => caller;

    protected TimeProvider Time => time;

    protected long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public override IReadOnlyList<Guid> MemberIds => [caller.UserId];

    public sealed override async Task<Result<T>> Apply(Sql sql, ConversationHead head)
    {
        if (head.Conversation.Kind != ConversationKind.Channel) return Fault.NotFound;
        return head.Open || await MemberStore.Has(sql, ConversationId, caller.UserId) ? await Make(sql, head) : Fault.NotFound;
    }

    protected abstract Task<Result<T>> Make(Sql sql, ConversationHead head);
}

/// <param name="ShutOutAt">The revision as of which some may no longer read it, where there are such.</param>
internal sealed record ChannelChanged(Conversation Channel, long? ShutOutAt = null);

internal sealed class ChangeSettings(ChangeChannel change, Caller caller, TimeProvider time)
    : ChannelChange<ChannelChanged>(change.ChannelId, caller, time)
{
    protected override async Task<Result<ChannelChanged>> Make(Sql sql, ConversationHead head)
    {
        var before = head.Conversation;
        if (!ChannelRules.Changed(before, change).TryGet(out var after, out var refusal)) return refusal;
        if (after == before) return new ChannelChanged(before);
        if (await ChannelRules.NameTaken(sql, after) is { } taken) return taken;
        var revision = head.Replace(after);
        head.Tell(new ConversationUpdated(head.Conversation));
        var closed = before.Open && !after.Open;
        if (closed && !await MemberStore.Has(sql, ConversationId, Caller.UserId)) await MemberStore.Let(sql, head, Caller.UserId, Now, read: 0);
        if (after.Name != before.Name) await SystemMessages.Post(sql, head, Caller, $"changed the name to “{after.Name}”", Time);
        return new ChannelChanged(head.Conversation, closed ? revision : null);
    }
}

/// <summary>Its rows are purged later; its name is free at once.</summary>
internal sealed class DeleteChannel(Guid channelId, Caller caller, TimeProvider time) : ChannelChange<long>(channelId, caller, time)
{
    protected override Task<Result<long>> Make(Sql sql, ConversationHead head) => Task.FromResult<Result<long>>(Delete(head, Now));

    /// <returns>The revision as of which it is gone.</returns>
    public static long Delete(ConversationHead head, long at)
    {
        var revision = head.Delete(at);
        head.Tell(new ConversationRemoved(head.Conversation.Id, revision, head.Open));
        return revision;
    }
}

internal sealed class LetIn(Guid channelId, Guid userId, Caller caller, TimeProvider time) : ChannelChange<Done>(channelId, caller, time)
{
    public override IReadOnlyList<Guid> MemberIds => [Caller.UserId, userId];

    protected override async Task<Result<Done>> Make(Sql sql, ConversationHead head)
    {
        if (head.Open) return new Refusal(Fault.Conflict, Reason: "Every member of the server reads this channel.");
        if (!await MemberStore.Exist(sql, [userId])) return Fault.NotFound;
        if (await MemberStore.Has(sql, ConversationId, userId)) return default(Done);
        await MemberStore.Let(sql, head, userId, Now, read: head.LastSequence);
        await SystemMessages.Post(sql, head, Caller, $"added @user:{userId}", Time);
        return default(Done);
    }
}

/// <summary>
/// Takes somebody out, or lets them leave. When the last one leaves a private channel it is deleted: nobody could ever see it
/// again, and its name would be taken for good.
/// </summary>
internal sealed class TakeOut(Guid channelId, Guid userId, Caller caller, TimeProvider time) : ChannelChange<long?>(channelId, caller, time)
{
    private const string SelectOther = "select 1 from conversation_members where conversation_id = @channel and state = 1 and user_id <> @user";

    public override IReadOnlyList<Guid> MemberIds => [Caller.UserId, userId];

    /// <returns>The revision as of which they may no longer read it; null if they were no member.</returns>
    protected override async Task<Result<long?>> Make(Sql sql, ConversationHead head)
    {
        if (head.Open) return new Refusal(Fault.Conflict, Reason: "Every member of the server reads this channel.");
        if (!await MemberStore.Has(sql, ConversationId, userId)) return (long?)null;
        if (!await sql.Exists(SelectOther, ("channel", ConversationId), ("user", userId))) return (long?)DeleteChannel.Delete(head, Now);
        var leaves = userId == Caller.UserId;
        var revision = await MemberStore.End(sql, head, userId, leaves ? MemberState.Left : MemberState.Removed);
        await SystemMessages.Post(sql, head, Caller, leaves ? "left" : $"removed @user:{userId}", Time);
        return (long?)revision;
    }
}
