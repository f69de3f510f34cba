using System.Text.Json.Serialization;
using United.Core;
using United.Core.Messages;

namespace United.Server.Rest;

internal static class ReactionsApi
{
    public static void MapReactions(this IEndpointRouteBuilder routes)
    {
        var reactions = routes.MapGroup("/api/messages/{messageId:id}/reactions").WithTags("Reactions");
        reactions.MapGet("", List).OpenToAll().WithSummary("Reactions to a message; those in open channels for everybody").Produces<ReactionJson[]>();
        reactions.MapPost("", Add).WithSummary("React; 201 if it is new").Accepts<ReactionBody>("application/json").Produces<ReactionJson[]>(201).Produces<ReactionJson[]>();
        reactions.MapDelete("/{emoji}", Remove).WithSummary("Take a reaction back").Produces<ReactionJson[]>();
    }

    private static async Task<IResult> List(HttpContext context, Guid messageId, MessageReader reader)
    {
        var caller = context.CallerOrNobody();
        return Answer.Of(await reader.Reactions(caller, messageId, context.RequestAborted), reactions => ReactionJson.Grouped(reactions, caller));
    }

    private static async Task<IResult> Add(HttpContext context, Guid messageId, MessageLog log)
    {
        if (!(await Body.Read<ReactionBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var result = await log.React(context.Caller(), new AddReaction(messageId, body.Emoji, body.Toggle ?? false), context.RequestAborted);
        return Shown(context, result, result is { Ok: true, Value.Added: true } ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> Remove(HttpContext context, Guid messageId, string emoji, MessageLog log) =>
        Shown(context, await log.Unreact(context.Caller(), new RemoveReaction(messageId, emoji), context.RequestAborted), StatusCodes.Status200OK);

    private static IResult Shown(HttpContext context, Result<ReactionResult> result, int status)
    {
        var caller = context.Caller();
        return Answer.Of(result, done => ReactionJson.Grouped(done.Reactions, caller), status);
    }
}

internal sealed record ReactionBody
{
    /// <summary>One emoji, or a name of <c>a-z 0-9 _ + -</c>.</summary>
    public required string Emoji { get; init; }

    /// <summary>Takes it back if it stands.</summary>
    public bool? Toggle { get; init; }
}

[JsonSerializable(typeof(ReactionBody))]
internal sealed partial class ReactionsJson : JsonSerializerContext;
