using System.Text.Json.Serialization;
using United.Core;
using United.Core.Presence;

namespace United.Server.Rest;

/// <summary>Who is there, and who is writing.</summary>
internal static class PresenceApi
{
    public static void MapPresence(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Presence");
        api.MapGet("/presence", Snapshot).WithSummary("Everybody who is on line; not those who have not answered your request").Produces<PresenceList>();
        api.MapPost("/presence", Set).WithSummary("Set one's status: online, away or dnd").Accepts<PresenceBody>("application/json").Produces(204);
        api.MapPost("/typing", Typing).WithSummary("Tell that one is writing; passed on at most once in two seconds").Accepts<TypingBody>("application/json").Produces(204);
    }

    private static async Task<IResult> Snapshot(HttpContext context, PresenceBoard board)
    {
        var presence = await board.For(context.Caller(), context.RequestAborted);
        return Answer.Json(new PresenceList([.. presence.Snapshot().Select(one => new PresenceJsonItem(one.UserId, one.UserPublicKey, Words.Of(one.Status), one.At))]));
    }

    private static async Task<IResult> Set(HttpContext context, PresenceBoard board)
    {
        if (!(await Body.Read<PresenceBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await board.Set(context.Caller(), Words.Presence(body.Status), context.RequestAborted));
    }

    private static async Task<IResult> Typing(HttpContext context, Typing typing)
    {
        if (!(await Body.Read<TypingBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if ((body.ChannelId ?? body.ConversationId) is not { } conversation) return RestFaults.Result(Refusal.Invalid("channel_id", "is missing"));
        return Answer.Of(await typing.Tell(context.Caller(), conversation, context.RequestAborted));
    }
}

internal sealed record PresenceList(IReadOnlyList<PresenceJsonItem> Items);

/// <param name="Status"><c>online</c>, <c>away</c> or <c>dnd</c>.</param>
/// <param name="Timestamp">Since when, in Unix milliseconds.</param>
internal sealed record PresenceJsonItem(Guid UserId, string UserPubkey, string Status, long Timestamp);

internal sealed record PresenceBody
{
    /// <summary><c>online</c>, <c>away</c> or <c>dnd</c>; away and dnd stay until they are changed.</summary>
    public required string Status { get; init; }
}

/// <summary>Either name does.</summary>
internal sealed record TypingBody
{
    public Guid? ChannelId { get; init; }
    public Guid? ConversationId { get; init; }
}

[JsonSerializable(typeof(PresenceList))]
[JsonSerializable(typeof(PresenceBody))]
[JsonSerializable(typeof(TypingBody))]
internal sealed partial class PresenceJson : JsonSerializerContext;
