using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Channels;

/// <summary>
/// The channels of the server: made and changed by those who may manage channels, each through the log. Owns their rows in
/// conversations, and the member rows of private ones. Who loses the right to read has lost it on every node before the change
/// is answered.
/// </summary>
public sealed class ChannelDirectory(Database database, MessageLog log, Control control, RateLimits limits, TimeProvider time)
{
    private readonly ConversationList _list = new(database);

    /// <summary>All that the caller may read, in their order.</summary>
    public async Task<IReadOnlyList<ConversationView>> List(Caller caller, CancellationToken ct = default) =>
        [.. (await _list.Channels(caller, ct))
            .OrderBy(view => view.Conversation.Position).ThenBy(view => view.Conversation.Id)];

    public async Task<Result<ConversationView>> Find(Caller caller, Guid channelId, CancellationToken ct = default) =>
        (await _list.One(caller, channelId, ct)).TryGet(out var view, out var refusal)
            ? view.Conversation.Kind == ConversationKind.Channel ? view : Fault.NotFound
            : refusal;

    public async Task<Result<Conversation>> Create(Caller caller, CreateChannel request, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageChannels)) return Fault.Forbidden;
        if (!Draft(caller, request, await database.Read(NextPosition, ct)).TryGet(out var channel, out var refusal)) return refusal;
        if (Members(caller, request) is not { } members) return Refusal.Invalid("member_ids", $"only a private channel has members, and at most {ChannelRules.MostMembersAtOnce} at first");
        return await Append(caller, new StartChannel(channel, members), ct);
    }

    public async Task<Result<Conversation>> Change(Caller caller, ChangeChannel request, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageChannels)) return await Hidden(caller, request.ChannelId, ct);
        if (!(await Append(caller, new ChangeSettings(request, caller, time), ct)).TryGet(out var changed, out var refusal)) return refusal;
        if (changed.ShutOutAt is { } revision) await Revoked(request.ChannelId, Guid.Empty, revision);
        return changed.Channel;
    }

    /// <summary>It is gone for everybody.</summary>
    public async Task<Result<Done>> Delete(Caller caller, Guid channelId, CancellationToken ct = default)
    {
        if (!caller.May(Permissions.ManageChannels)) return await Hidden(caller, channelId, ct);
        if (!(await Append(caller, new DeleteChannel(channelId, caller, time), ct)).TryGet(out var revision, out var refusal)) return refusal;
        await Revoked(channelId, Guid.Empty, revision);
        return default(Done);
    }

    /// <summary>Lets somebody into a private channel. Nothing changes if they are in.</summary>
    public async Task<Result<Done>> AddMember(Caller caller, Guid channelId, Guid userId, CancellationToken ct = default) =>
        caller.May(Permissions.ManageChannels)
            ? await Append(caller, new LetIn(channelId, userId, caller, time), ct)
            : await Hidden(caller, channelId, ct);

    /// <summary>Takes somebody out of a private channel; anybody may leave. Nothing changes if they are not in.</summary>
    public async Task<Result<Done>> RemoveMember(Caller caller, Guid channelId, Guid userId, CancellationToken ct = default)
    {
        if (userId != caller.UserId && !caller.May(Permissions.ManageChannels)) return await Hidden(caller, channelId, ct);
        var change = new TakeOut(channelId, userId, caller, time);
        var taken = userId == caller.UserId ? await log.Append(caller, change, ct) : await Append(caller, change, ct);
        if (!taken.TryGet(out var revision, out var refusal)) return refusal;
        if (revision is { } at) await Revoked(channelId, userId, at);
        return default(Done);
    }

    // Most of them are told to the whole server.
    private async Task<Result<T>> Append<T>(Caller caller, Change<T> change, CancellationToken ct) =>
        await limits.Ask(Limit.ChannelChange, caller.UserId) is { } tooOften ? tooOften : await log.Append(caller, change, ct);

    // The refusal of those who may not manage channels: they must not learn whether a private one exists.
    private async Task<Refusal> Hidden(Caller caller, Guid channelId, CancellationToken ct) =>
        (await Find(caller, channelId, ct)).Ok ? Fault.Forbidden : Fault.NotFound;

    // The caller may go while this runs; the removal has been committed, so it has to be put in force all the same.
    private ValueTask Revoked(Guid channelId, Guid userId, long revision) =>
        control.Announce(new ControlChange.MembershipRevoked(channelId, userId, revision), CancellationToken.None);

    private Result<Conversation> Draft(Caller caller, CreateChannel request, int position)
    {
        var channel = Conversation.Draft(ConversationKind.Channel, caller, time) with { Name = request.Name, Open = !request.Private };
        return ChannelRules.Changed(channel, new ChangeChannel(
            channel.Id, request.Name, request.Topic, request.Category, request.Position ?? position, ReadOnly: request.ReadOnly));
    }

    private static Guid[]? Members(Caller caller, CreateChannel request)
    {
        var invited = request.MemberIds ?? [];
        if (!request.Private) return invited.Count == 0 ? [] : null;
        return invited.Count > ChannelRules.MostMembersAtOnce ? null : [.. invited.Prepend(caller.UserId).Distinct().Order()];
    }

    private static async Task<int> NextPosition(Sql sql) => Math.Min(ChannelRules.MostPosition,
        1 + await sql.One("select coalesce(max(position), -1) from conversations where kind = 1 and deleted_at is null", row => row.Int32(0)));
}
