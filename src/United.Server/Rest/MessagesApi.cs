using System.Text.Json.Serialization;
using United.Core;
using United.Core.Messages;

namespace United.Server.Rest;

internal static class MessagesApi
{
    public static readonly RouteParameter Before = RouteParameter.Number("before", "A server_sequence: the page that ends below it");
    public static readonly RouteParameter After = RouteParameter.Number("after", "A server_sequence: the page that begins above it");
    public static readonly RouteParameter Limit = RouteParameter.Limit(Core.Messages.History.UsualLimit, Core.Messages.History.MostLimit);
    private static readonly RouteParameter Around = RouteParameter.Number("around", "A server_sequence: the page with it in the middle");

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        Map(routes.MapGroup("/api/channels/{id:id}/messages").WithTags("Messages"));
        Map(routes.MapGroup("/api/conversations/{id:id}/messages").WithTags("Messages"));
    }

    private static void Map(RouteGroupBuilder messages)
    {
        messages.MapGet("", History).WithSummary("A page of messages, newest first; one of before, after and around")
            .Takes(Before, After, Around, Limit, RouteParameter.Flag("include_deleted", "What is left of deleted messages, too")).Produces<HistoryJson>();
        messages.MapPost("", Post).WithSummary("Post a message").Accepts<NewMessageBody>("application/json").Produces<MessageJson>(201);
        messages.MapPut("/{messageId:id}", Edit).WithSummary("Change a message of your own").Accepts<MessageBody>("application/json").Produces<MessageJson>();
        messages.MapDelete("/{messageId:id}", Delete).WithSummary("Delete a message").Produces(204);
    }

    private static async Task<IResult> History(HttpContext context, Guid id, History history)
    {
        if (!PageOf(context, id).TryGet(out var page, out var refusal)) return RestFaults.Result(refusal);
        var caller = context.Caller();
        return Answer.Of(await history.Page(caller, page, context.RequestAborted), found => HistoryJson.Of(found, caller, around: page.Around is not null));
    }

    private static async Task<IResult> Post(HttpContext context, Guid id, MessageLog log, MessageReader reader)
    {
        if (!(await Body.Read<NewMessageBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var caller = context.Caller();
        if (!body.Origin().TryGet(out var origin, out refusal)) return RestFaults.Result(refusal);
        if (!MessageTypeNames.Parse(body.Type).TryGet(out var type, out refusal)) return RestFaults.Result(refusal);
        var request = new PostMessage(id, body.Content, body.ReplyToId, body.ClientId, origin, type, body.MediaIds, body.SharedPostId);
        if (!(await log.Post(caller, request, context.RequestAborted)).TryGet(out var posted, out refusal)) return RestFaults.Result(refusal);
        // A repeated client_id: what was stored the first time, as it is now.
        var message = posted.Message is { } stored ? stored : await reader.Own(caller, posted.MessageId, context.RequestAborted);
        return Answer.Of(message, found => MessageJson.Of(found, caller), StatusCodes.Status201Created);
    }

    private static async Task<IResult> Edit(HttpContext context, Guid id, Guid messageId, MessageLog log)
    {
        if (!(await Body.Read<MessageBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var caller = context.Caller();
        return Answer.Of(await log.Edit(caller, new EditMessage(id, messageId, body.Content), context.RequestAborted), edited => MessageJson.Of(edited, caller));
    }

    private static async Task<IResult> Delete(HttpContext context, Guid id, Guid messageId, MessageLog log) =>
        Answer.Of(await log.Delete(context.Caller(), new DeleteMessage(id, messageId), context.RequestAborted));

    private static Result<ReadHistory> PageOf(HttpContext context, Guid id)
    {
        if (!Query.Number(context, "before").TryGet(out var before, out var refusal)) return refusal;
        if (!Query.Number(context, "after").TryGet(out var after, out refusal)) return refusal;
        if (!Query.Number(context, "around").TryGet(out var around, out refusal)) return refusal;
        if (!Query.Limit(context, Core.Messages.History.UsualLimit, Core.Messages.History.MostLimit).TryGet(out var limit, out refusal)) return refusal;
        if (!Query.Flag(context, "include_deleted").TryGet(out var deleted, out refusal)) return refusal;
        return new ReadHistory(id, before, after, around, limit, deleted);
    }
}

internal sealed record NewMessageBody
{
    private const int SignatureBytes = 64;

    /// <summary>1 to 4,000 characters; may be empty with media or a shared post.</summary>
    public required string Content { get; init; }

    /// <summary><c>text</c>, <c>media</c>, <c>voice</c> or <c>shared_post</c>. Absent: what it brings tells.</summary>
    public string? Type { get; init; }

    /// <summary>At most 10 of your own uploads; one with a duration for voice.</summary>
    public IReadOnlyList<Guid>? MediaIds { get; init; }

    /// <summary>A message of a channel that you may read.</summary>
    public Guid? SharedPostId { get; init; }

    public Guid? ReplyToId { get; init; }

    /// <summary>1 to 64 printable ASCII characters. Sent again, it answers with the first result.</summary>
    public string? ClientId { get; init; }

    /// <summary>The author's signature of the gossip envelope of this message, hex. Needs payload, timestamp and sequence_hint.</summary>
    public string? Signature { get; init; }

    /// <summary>The exact inner bytes of that envelope, base64.</summary>
    public string? Payload { get; init; }

    public long? Timestamp { get; init; }
    public long? SequenceHint { get; init; }

    public Result<SignedOrigin?> Origin()
    {
        if (Signature is null) return null as SignedOrigin;
        if (Payload is null) return Refusal.Invalid("payload", "is missing");
        if (Timestamp is not { } timestamp) return Refusal.Invalid("timestamp", "is missing");
        if (SequenceHint is not { } hint) return Refusal.Invalid("sequence_hint", "is missing");
        var signature = new byte[SignatureBytes];
        if (Signature.Length != 2 * SignatureBytes || Convert.FromHexString(Signature, signature, out _, out _) != System.Buffers.OperationStatus.Done)
            return Refusal.Invalid("signature", "has to be 128 hexadecimal digits");
        var payload = new byte[Payload.Length];
        return Convert.TryFromBase64String(Payload, payload, out var length)
            ? new SignedOrigin(signature, payload[..length], timestamp, hint)
            : Refusal.Invalid("payload", "is not base64");
    }
}

internal sealed record MessageBody
{
    public required string Content { get; init; }
}

internal sealed record HistoryJson
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<MessageJson> Messages { get; init; }

    /// <summary>Of older ones; on a page after a sequence, of newer ones.</summary>
    public required bool HasMore { get; init; }

    /// <summary>On pages around a sequence.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasBefore { get; init; }

    /// <summary>On pages around a sequence.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasAfter { get; init; }

    public static HistoryJson Of(HistoryPage page, Caller reader, bool around) => new()
    {
        Messages = [.. page.Messages.Select(message => MessageJson.Of(message, reader))],
        HasMore = page.HasMore,
        HasBefore = around ? page.HasBefore : null,
        HasAfter = around ? page.HasAfter : null,
    };
}

[JsonSerializable(typeof(NewMessageBody))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(HistoryJson))]
internal sealed partial class MessagesJson : JsonSerializerContext;
