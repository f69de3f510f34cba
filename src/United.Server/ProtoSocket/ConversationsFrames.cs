using United.Core;
using United.Core.Conversations;
using United.Core.Messages;
using United.Wire.Ws;
using ChangeAvatar = United.Core.Identity.ChangeAvatar;
using ListConversations = United.Wire.Ws.ListConversations;

namespace United.Server.ProtoSocket;

/// <summary>170, 176, 180 to 183 and 185 to 187: groups and direct conversations, and what is one's own of them.</summary>
internal sealed class ConversationsFrames(ConversationDirectory conversations)
{
    private const int UsualLimit = 50, MostLimit = 100;

    public async Task<Result<Envelope>> List(Caller caller, ListConversations request, CancellationToken ct)
    {
        if (request.ConversationId.Length > 0) return await Find(caller, request.ConversationId, ct);
        if (!Words.State(Fields.TextOrNone(request.State)).TryGet(out var state, out var refusal)) return refusal;
        if (!ConversationListAnswer.PlaceOf(request.Cursor).TryGet(out var after, out refusal)) return refusal;
        var limit = request.Limit == 0 ? UsualLimit : (int)Math.Min(request.Limit, MostLimit);
        var views = await conversations.List(caller, new Core.Conversations.ListConversations(state, after, limit + 1), ct);
        return new Envelope { ConversationList = ConversationListAnswer.Of(views, limit) };
    }

    public async Task<Result<Envelope>> Create(Caller caller, CreateConversation request, CancellationToken ct)
    {
        var made = request.Type switch
        {
            "direct" => await CreateDirect(caller, request, ct),
            "group" => await CreateGroup(caller, request, ct),
            _ => Refusal.Invalid("type", "must be direct or group"),
        };
        return Fields.Answer(made, shown => Answer(shown.View, shown.Created));
    }

    public async Task<Result<Envelope>> Change(Caller caller, ChangeConversation request, CancellationToken ct)
    {
        if (!Fields.Id(request.ConversationId, "conversation_id").TryGet(out var conversation, out var refusal)) return refusal;
        if (!Fields.IdOrNone(request.AvatarMediaId, "avatar_media_id").TryGet(out var picture, out refusal)) return refusal;
        var change = new ChangeGroup(conversation, request.HasName ? request.Name : null, request.HasAvatarMediaId ? new ChangeAvatar(picture) : null);
        return Fields.Answer(await conversations.Change(caller, change, ct), view => Answer(view, created: false));
    }

    public async Task<Result<Envelope>> ChangeMembers(Caller caller, ChangeMembers request, CancellationToken ct)
    {
        if (!Fields.Id(request.ConversationId, "conversation_id").TryGet(out var group, out var refusal)) return refusal;
        if (!Fields.Id(request.UserId, "user_id").TryGet(out var user, out refusal)) return refusal;
        if (request.Action == MemberAction.Remove) return Ok(await conversations.RemoveMember(caller, group, user, ct));
        if (request.Action is not (MemberAction.Add or MemberAction.SetRole)) return Refusal.Invalid("action", "must be add, remove or set_role");
        var word = request.Role.Length == 0 && request.Action == MemberAction.Add ? Words.Of(MemberRole.Member) : request.Role;
        if (!Words.Role(word).TryGet(out var role, out refusal)) return refusal;
        return Ok(request.Action == MemberAction.Add
            ? await conversations.AddMember(caller, group, user, role, ct)
            : await conversations.ChangeMember(caller, group, user, role, ct));
    }

    public async Task<Result<Envelope>> ChangeSettings(Caller caller, ChangeSettings request, CancellationToken ct)
    {
        if (!Fields.Id(request.ConversationId, "conversation_id").TryGet(out var conversation, out var refusal)) return refusal;
        return Ok(request.ChangeCase switch
        {
            Wire.Ws.ChangeSettings.ChangeOneofCase.Hide when request.Hide => await conversations.Hide(caller, conversation, ct),
            Wire.Ws.ChangeSettings.ChangeOneofCase.Hide => Refusal.Invalid("hide", "must be true: a new message brings it back"),
            Wire.Ws.ChangeSettings.ChangeOneofCase.MutedUntil => await Mute(caller, conversation, request.MutedUntil, ct),
            Wire.Ws.ChangeSettings.ChangeOneofCase.Notifications => Words.Level(request.Notifications, "notifications").TryGet(out var level, out refusal)
                ? await conversations.Notify(caller, conversation, level, ct)
                : refusal,
            _ => Refusal.Invalid("change", "is missing"),
        });
    }

    /// <summary>A channel has an event of its own, with the same numbers.</summary>
    public static Envelope Of(ConversationChange change, Conversation conversation) => conversation.Kind == ConversationKind.Channel
        ? ChannelsFrames.Of((ChannelChange)change, conversation)
        : Told(change, Shapes.Of(conversation));

    /// <summary>It was deleted, or this user may no longer read it.</summary>
    /// <param name="revision">0 where the end is the reader's alone.</param>
    public static Envelope Gone(Guid id, long revision, bool ofChannel) => ofChannel
        ? ChannelsFrames.Gone(id, revision)
        : Told(ConversationChange.Removed, new Wire.Chat.Conversation { Id = Shapes.Id(id), Revision = (ulong)revision });

    public static Envelope Of(ConversationSettingsChanged changed) => new()
    {
        SettingsEvent = new SettingsEvent { ConversationId = Shapes.Id(changed.ConversationId), Settings = Shapes.Of(changed.Settings) },
    };

    private static Envelope Told(ConversationChange change, Wire.Chat.Conversation conversation) =>
        new() { ConversationEvent = new ConversationEvent { Change = change, Conversation = conversation } };

    private static Envelope Answer(ConversationView view, bool created) =>
        new() { ConversationAnswer = new ConversationAnswer { Conversation = Shapes.Of(view), Created = created } };

    private static Result<Envelope> Ok<T>(Result<T> done) => Fields.Answer(done, _ => new() { Ok = new Ok() });

    private async Task<Result<Envelope>> Find(Caller caller, string id, CancellationToken ct)
    {
        if (!Fields.Id(id, "conversation_id").TryGet(out var conversation, out var refusal)) return refusal;
        return Fields.Answer(await conversations.Find(caller, conversation, ct), view => new() { ConversationList = ConversationListAnswer.Of([view], 1) });
    }

    private async Task<Result<(ConversationView View, bool Created)>> CreateDirect(Caller caller, CreateConversation request, CancellationToken ct) =>
        Fields.Id(request.UserId, "user_id").TryGet(out var other, out var refusal) ? await conversations.CreateDirect(caller, other, ct) : refusal;

    private async Task<Result<(ConversationView View, bool Created)>> CreateGroup(Caller caller, CreateConversation request, CancellationToken ct)
    {
        if (!Fields.All(request.MemberIds, "member_ids").TryGet(out var members, out var refusal)) return refusal;
        if (!Fields.IdOrNone(request.AvatarMediaId, "avatar_media_id").TryGet(out var picture, out refusal)) return refusal;
        return await conversations.CreateGroup(caller, new CreateGroup(request.Name, members, picture), ct);
    }

    private async Task<Result<ConversationSettings>> Mute(Caller caller, Guid conversation, ulong until, CancellationToken ct)
    {
        var muted = await conversations.Mute(caller, conversation, Fields.NumberOrNone(until), ct);
        // The rule names the field as REST does.
        return muted.Refusal is { Field: not null } refusal ? refusal with { Field = "muted_until" } : muted;
    }
}
