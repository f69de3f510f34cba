using United.Core.Identity;
using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Conversations;

/// <summary>
/// Groups and direct conversations: made and changed by their members, each change through the log. Owns their rows in conversations,
/// their member rows and the pairs. Who is shut out is so on every node before the change is answered. What a member hides, mutes or
/// wants to be notified of is written beside the log, and told to their own devices alone.
/// </summary>
public sealed class ConversationDirectory(Database database, MessageLog log, Control control, INodeBus bus, RateLimits limits, TimeProvider time)
{
    // The end of the year 9999: what every client can show as a date.
    private const long MostMutedUntil = 253_402_300_799_999;

    private const string SelectGone = """
        select distinct m.user_id from users u
        join conversation_members m on m.user_id = u.id and m.state = 1
        join conversations c on c.id = m.conversation_id and c.kind = 2 and c.deleted_at is null
        where u.deleted_at is not null limit 1000
        """;

    private readonly ConversationList _list = new(database);

    /// <summary>Without channels, the most recent first.</summary>
    public Task<IReadOnlyList<ConversationView>> List(Caller caller, ListConversations request, CancellationToken ct = default) =>
        _list.Page(caller, request.State, request.After, request.Limit, ct);

    /// <summary>Of any kind.</summary>
    public Task<Result<ConversationView>> Find(Caller caller, Guid conversationId, CancellationToken ct = default) => _list.One(caller, conversationId, ct);

    /// <summary>Its members by id; none of a channel that everybody reads.</summary>
    /// <param name="after">The last of the page before.</param>
    public Task<Result<List<ShownMember>>> Members(Caller caller, Guid conversationId, Guid? after, int limit, CancellationToken ct = default) =>
        database.Snapshot<Result<List<ShownMember>>>(async sql => await ReadAccess.Of(sql, caller.UserId, conversationId) is null
            ? Fault.NotFound
            : await ShownMembers.Page(sql, caller.UserId, conversationId, after, limit), ct);

    /// <summary>The conversation with somebody, made now if there is none yet.</summary>
    public async Task<Result<(ConversationView View, bool Created)>> CreateDirect(Caller caller, Guid userId, CancellationToken ct = default)
    {
        if (userId == caller.UserId) return Refusal.Invalid("user_id", "is you");
        var change = new StartDirect(Conversation.Draft(ConversationKind.Direct, caller, time), caller.UserId, userId);
        if (await database.Read(change.Existing, ct) is { } existing) return await Shown(caller, new StartedConversation(existing, Created: false), ct);
        if (await limits.Ask(Limit.Conversation, caller.UserId) is { } tooOften) return tooOften;
        return await Shown(caller, await log.Append(caller, change, ct), ct);
    }

    public async Task<Result<(ConversationView View, bool Created)>> CreateGroup(Caller caller, CreateGroup request, CancellationToken ct = default)
    {
        Guid[] members = [.. request.MemberIds.Where(id => id != caller.UserId).Distinct()];
        if (members.Length > GroupRules.MostMembersAtOnce) return Refusal.Invalid("member_ids", $"at most {GroupRules.MostMembersAtOnce} at first; others can be added");
        var change = new ChangeGroup(default, request.Name, new ChangeAvatar(request.AvatarMediaId));
        if (!GroupRules.Changed(Conversation.Draft(ConversationKind.Group, caller, time), change).TryGet(out var group, out var refusal)) return refusal;
        if (await limits.Ask(Limit.Conversation, caller.UserId) is { } tooOften) return tooOften;
        return await Shown(caller, await log.Append(caller, new StartGroup(group, members, caller, time), ct), ct);
    }

    /// <summary>Name and picture of a group, by its admins.</summary>
    public async Task<Result<ConversationView>> Change(Caller caller, ChangeGroup request, CancellationToken ct = default) =>
        (await Append(caller, new ChangeAppearance(request, caller, time), ct)).TryGet(out _, out var refusal)
            ? await Find(caller, request.ConversationId, ct)
            : refusal;

    /// <summary>By an admin of the group. Nothing changes for who is in.</summary>
    public Task<Result<Done>> AddMember(Caller caller, Guid groupId, Guid userId, MemberRole role, CancellationToken ct = default) =>
        Append(caller, new AddMember(groupId, userId, role, caller, time), ct);

    /// <summary>By an admin of the group, of which one remains who can act.</summary>
    public Task<Result<Done>> ChangeMember(Caller caller, Guid groupId, Guid userId, MemberRole role, CancellationToken ct = default) =>
        Append(caller, new ChangeRole(groupId, userId, role, caller, time), ct);

    /// <summary>By an admin of the group; anybody may leave. Nothing changes if they are not in.</summary>
    public async Task<Result<Done>> RemoveMember(Caller caller, Guid groupId, Guid userId, CancellationToken ct = default)
    {
        if (caller.UserId != userId) return await Revoked(groupId, userId, await Append(caller, new TakeOut(groupId, userId, null, caller, time), ct));
        var successor = await database.Read(sql => TakeOut.Heir(sql, groupId, userId), ct);
        return await Revoked(groupId, userId, await log.Append(caller, new TakeOut(groupId, userId, successor?.UserId, caller, time), ct));
    }

    /// <summary>For somebody who deletes their account: a group whose only admin is gone could never be changed again.</summary>
    public async Task LeaveGroups(Caller caller, CancellationToken ct = default)
    {
        foreach (var group in await database.Read(sql => GroupsOf(sql, caller.UserId), ct))
            await Revoked(group, caller.UserId, await log.Append(new TakeOut(group, caller.UserId, null, caller, time), ct));
    }

    /// <summary>The hourly round: somebody whose account was deleted just before the server stopped leaves their groups now.</summary>
    public async Task Tidy(CancellationToken ct = default)
    {
        foreach (var gone in await database.Read(sql => sql.All(SelectGone, row => row.Uuid(0)), ct))
            await LeaveGroups(new Caller(gone, Guid.Empty, "", UserStore.DeletedName, "", Role.Member, Permissions.None), ct);
    }

    /// <summary>Takes it out of one's own list, with all that was said so far, until something new is said.</summary>
    public async Task<Result<ConversationSettings>> Hide(Caller caller, Guid conversationId, CancellationToken ct = default)
    {
        if (await database.Read(sql => ReadAccess.Of(sql, caller.UserId, conversationId), ct) is not { } access) return Fault.NotFound;
        if (access.Kind == ConversationKind.Channel) return new Refusal(Fault.Conflict, Reason: "A channel can't be hidden.");
        return await Set(caller, conversationId, SettingsRows.Hide, null, ct);
    }

    /// <param name="until">Unix milliseconds; null, and what has passed: no longer muted.</param>
    public Task<Result<ConversationSettings>> Mute(Caller caller, Guid conversationId, long? until, CancellationToken ct = default) =>
        until is < 0 or > MostMutedUntil
            ? Task.FromResult<Result<ConversationSettings>>(Refusal.Invalid("until", "is not a time"))
            : Set(caller, conversationId, SettingsRows.Mute, until > Now ? until : null, ct);

    public Task<Result<ConversationSettings>> Notify(Caller caller, Guid conversationId, NotificationLevel level, CancellationToken ct = default) =>
        Set(caller, conversationId, SettingsRows.Notify, (long)level, ct);

    // Each tells the whole group, mostly by a message that none of its members asked for: one allowance for all of them.
    private async Task<Result<T>> Append<T>(Caller caller, GroupChange<T> change, CancellationToken ct) =>
        await limits.Ask(Limit.GroupChange, caller.UserId) is { } tooOften ? tooOften : await log.Append(caller, change, ct);

    // The caller may go while this runs; the removal has been committed, so it has to be put in force all the same.
    private async Task<Result<Done>> Revoked(Guid groupId, Guid userId, Result<long?> ended)
    {
        if (!ended.TryGet(out var revision, out var refusal)) return refusal;
        if (revision is { } at) await control.Announce(new ControlChange.MembershipRevoked(groupId, userId, at), CancellationToken.None);
        return default(Done);
    }

    private static Task<List<Guid>> GroupsOf(Sql sql, Guid userId) => sql.All("""
        select c.id from conversation_members m join conversations c on c.id = m.conversation_id and c.kind = 2 and c.deleted_at is null
        where m.user_id = @user and m.state = 1
        """, row => row.Uuid(0), ("user", userId));

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<Result<ConversationSettings>> Set(Caller caller, Guid conversationId, string text, long? value, CancellationToken ct)
    {
        if (!await database.Write(sql => SettingsRows.Write(sql, text, conversationId, caller.UserId, Now, value), ct)) return Fault.NotFound;
        // Read after the commit: where several devices write at once, the last of their events tells what stands.
        var state = await database.Read(sql => UnreadCounts.Of(sql, caller.UserId, conversationId), CancellationToken.None);
        bus.Publish([new ConversationSettingsChanged(caller.UserId, conversationId, state.Settings)]);
        return state.Settings;
    }

    private async Task<Result<(ConversationView View, bool Created)>> Shown(Caller caller, Result<StartedConversation> made, CancellationToken ct)
    {
        if (!made.TryGet(out var found, out var refusal)) return refusal;
        return (await Find(caller, found.Id, ct)).TryGet(out var view, out refusal) ? (view, found.Created) : refusal;
    }
}
