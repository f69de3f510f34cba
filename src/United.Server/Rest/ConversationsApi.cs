using System.Text.Json.Serialization;
using United.Core;
using United.Core.Conversations;
using United.Core.Identity;
using United.Core.Messages;

namespace United.Server.Rest;

/// <summary>Groups and direct conversations. Their messages are in <see cref="MessagesApi"/>, watermarks in <see cref="WatermarksApi"/>.</summary>
internal static class ConversationsApi
{
    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        var conversations = routes.MapGroup("/api/conversations").WithTags("Conversations");
        conversations.MapGet("", List).WithSummary("Your groups and direct conversations, the most recent first")
            .Takes(RouteParameter.OneOf("state", "Where it is absent, inbox", "inbox", "requests", "hidden")).TakesPage().Produces<Page<ConversationJson>>();
        conversations.MapPost("", Create).WithSummary("Make a group, or open the conversation with somebody; 200 if that is there already")
            .Accepts<NewConversationBody>("application/json").Produces<ConversationJson>(201).Produces<ConversationJson>();
        conversations.MapGet("/{id:id}", Find).WithSummary("A conversation").Produces<ConversationJson>();
        conversations.MapPatch("/{id:id}", Change).WithSummary("Change a group").Accepts<GroupBody>("application/json").Produces<ConversationJson>();
        conversations.MapDelete("/{id:id}", Hide).WithSummary("Hide it, and what was said so far, for yourself").Produces(204);
        conversations.MapPut("/{id:id}/mute", Mute).WithSummary("Mute it until then, or no longer").Accepts<MuteBody>("application/json").Produces<OwnSettingsJson>();
        conversations.MapPut("/{id:id}/notifications", Notify).WithSummary("What you want to be notified of").Accepts<NotificationsBody>("application/json").Produces<OwnSettingsJson>();
        conversations.MapGet("/{id:id}/members", Members).WithSummary("All members").TakesPage().Produces<Page<MemberJson>>();
        conversations.MapPost("/{id:id}/members", AddMember).WithSummary("Let somebody into a group").Accepts<NewMemberBody>("application/json").Produces(204);
        conversations.MapPatch("/{id:id}/members/{userId:id}", ChangeMember).WithSummary("Give or take the role of an admin").Accepts<MemberRoleBody>("application/json").Produces(204);
        conversations.MapDelete("/{id:id}/members/{userId:id}", RemoveMember).WithSummary("Take somebody out of a group, or leave it").Produces(204);
    }

    private static async Task<IResult> List(HttpContext context, ConversationDirectory conversations)
    {
        if (!Query.Text(context, "state").TryGet(out var word, out var refusal)) return RestFaults.Result(refusal);
        if (!Words.State(word).TryGet(out var state, out refusal)) return RestFaults.Result(refusal);
        if (!Query.Limit(context, Page.Usual, Page.Most).TryGet(out var limit, out refusal)) return RestFaults.Result(refusal);
        if (!Query.CursorPlace(context).TryGet(out var after, out refusal)) return RestFaults.Result(refusal);
        var caller = context.Caller();
        var views = await conversations.List(caller, new ListConversations(state, after is { } place ? new ListPlace(place.At, place.Id) : null, limit + 1), context.RequestAborted);
        return Answer.Json(Page.Of(views, limit, view => ConversationJson.Of(view, caller), Place));
    }

    private static async Task<IResult> Create(HttpContext context, ConversationDirectory conversations)
    {
        if (!(await Body.Read<NewConversationBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (body.Missing() is { } missing) return RestFaults.Result(missing);
        var caller = context.Caller();
        var made = body.Type == NewConversationBody.Direct
            ? await conversations.CreateDirect(caller, body.UserId!.Value, context.RequestAborted)
            : await conversations.CreateGroup(caller, new CreateGroup(body.Name!, body.MemberIds!, body.AvatarMediaId), context.RequestAborted);
        var status = made is { Ok: true, Value.Created: false } ? StatusCodes.Status200OK : StatusCodes.Status201Created;
        return Answer.Of(made, shown => ConversationJson.Of(shown.View, caller), status);
    }

    private static async Task<IResult> Find(HttpContext context, Guid id, ConversationDirectory conversations) =>
        Shown(context, await conversations.Find(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> Change(HttpContext context, Guid id, ConversationDirectory conversations)
    {
        if (!(await Body.Read<GroupBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return Shown(context, await conversations.Change(context.Caller(), body.Change(id), context.RequestAborted));
    }

    private static async Task<IResult> Hide(HttpContext context, Guid id, ConversationDirectory conversations) =>
        Answer.Of(await conversations.Hide(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> Mute(HttpContext context, Guid id, ConversationDirectory conversations)
    {
        if (!(await Body.Read<MuteBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await conversations.Mute(context.Caller(), id, body.Until, context.RequestAborted), OwnSettingsJson.Of);
    }

    private static async Task<IResult> Notify(HttpContext context, Guid id, ConversationDirectory conversations)
    {
        if (!(await Body.Read<NotificationsBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!Words.Level(body.Level, "level").TryGet(out var level, out refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await conversations.Notify(context.Caller(), id, level, context.RequestAborted), OwnSettingsJson.Of);
    }

    private static async Task<IResult> Members(HttpContext context, Guid id, ConversationDirectory conversations)
    {
        if (!Query.Limit(context, Page.Usual, Page.Most).TryGet(out var limit, out var refusal)) return RestFaults.Result(refusal);
        if (!Query.CursorId(context).TryGet(out var after, out refusal)) return RestFaults.Result(refusal);
        var members = await conversations.Members(context.Caller(), id, after, limit + 1, context.RequestAborted);
        return Answer.Of(members, rows => Page.Of(rows, limit, MemberJson.Of, row => row.Member.UserId.ToString("D")));
    }

    private static async Task<IResult> AddMember(HttpContext context, Guid id, ConversationDirectory conversations)
    {
        if (!(await Body.Read<NewMemberBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!Words.Role(body.Role ?? Words.Of(MemberRole.Member)).TryGet(out var role, out refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await conversations.AddMember(context.Caller(), id, body.UserId, role, context.RequestAborted));
    }

    private static async Task<IResult> ChangeMember(HttpContext context, Guid id, Guid userId, ConversationDirectory conversations)
    {
        if (!(await Body.Read<MemberRoleBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!Words.Role(body.Role).TryGet(out var role, out refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await conversations.ChangeMember(context.Caller(), id, userId, role, context.RequestAborted));
    }

    private static async Task<IResult> RemoveMember(HttpContext context, Guid id, Guid userId, ConversationDirectory conversations) =>
        Answer.Of(await conversations.RemoveMember(context.Caller(), id, userId, context.RequestAborted));

    private static IResult Shown(HttpContext context, Result<ConversationView> found)
    {
        var caller = context.Caller();
        return Answer.Of(found, view => ConversationJson.Of(view, caller));
    }

    private static string Place(ConversationView view)
    {
        var (at, id) = ListPlace.Of(view.Conversation);
        return ListPlaces.Write(at, id);
    }
}

internal sealed record NewConversationBody
{
    public const string Direct = "direct";
    private const string Group = "group";

    /// <summary><c>direct</c>, with user_id, or <c>group</c>, with name and member_ids.</summary>
    public required string Type { get; init; }

    public Guid? UserId { get; init; }

    /// <summary>1 to 100 characters.</summary>
    public string? Name { get; init; }

    /// <summary>Besides yourself.</summary>
    public IReadOnlyList<Guid>? MemberIds { get; init; }

    /// <summary>An image of yours.</summary>
    public Guid? AvatarMediaId { get; init; }

    public Refusal? Missing() => Type switch
    {
        Direct => UserId is null ? Refusal.Invalid("user_id", "is missing") : null,
        Group when Name is null => Refusal.Invalid("name", "is missing"),
        Group => MemberIds is null ? Refusal.Invalid("member_ids", "is missing") : null,
        _ => Refusal.Invalid("type", "must be direct or group"),
    };
}

/// <summary>What is absent stays as it is.</summary>
internal sealed record GroupBody
{
    private bool _changesPicture;

    public string? Name { get; init; }

    /// <summary>An image of yours; null: none any more.</summary>
    public Guid? AvatarMediaId
    {
        get;
        set => (field, _changesPicture) = (value, true);
    }

    public ChangeGroup Change(Guid id) => new(id, Name, _changesPicture ? new ChangeAvatar(AvatarMediaId) : null);
}

internal sealed record NewMemberBody
{
    public required Guid UserId { get; init; }

    /// <summary><c>member</c>, unless it is given, or <c>admin</c>.</summary>
    public string? Role { get; init; }
}

internal sealed record MemberRoleBody
{
    /// <summary><c>member</c> or <c>admin</c>.</summary>
    public required string Role { get; init; }
}

internal sealed record MuteBody
{
    /// <summary>Unix milliseconds; null: no longer.</summary>
    public required long? Until { get; init; }
}

internal sealed record NotificationsBody
{
    /// <summary><c>all</c>, <c>mentions</c> or <c>none</c>.</summary>
    public required string Level { get; init; }
}

[JsonSerializable(typeof(NewConversationBody))]
[JsonSerializable(typeof(GroupBody))]
[JsonSerializable(typeof(NewMemberBody))]
[JsonSerializable(typeof(MemberRoleBody))]
[JsonSerializable(typeof(MuteBody))]
[JsonSerializable(typeof(NotificationsBody))]
[JsonSerializable(typeof(OwnSettingsJson))]
[JsonSerializable(typeof(Page<MemberJson>))]
internal sealed partial class ConversationsJson : JsonSerializerContext;
