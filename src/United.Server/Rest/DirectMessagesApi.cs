using United.Core;
using United.Core.DirectMessages;
using United.Core.Messages;

namespace United.Server.Rest;

/// <summary>Encrypted conversations (docs/wire/encrypted-dm.md). Who they are between is said by identity keys; what is said in them is bytes.</summary>
internal static class DirectMessagesApi
{
    // A payload of 96 KiB in base64, and the fields around it.
    private const int MaxBytes = 160 * 1024;

    public static void MapDirectMessages(this IEndpointRouteBuilder routes)
    {
        var dm = routes.MapGroup("/api/dm").WithTags("Encrypted direct messages");
        dm.MapPost("/keys", Publish).WithSummary("Publish the key that messages for you are to be sealed for").Accepts<DmKeyBody>("application/json").Produces<DmKeyJson>();
        dm.MapGet("/keys/{identity}", FindKey).WithSummary("The key to seal messages for somebody").Produces<DmKeyJson>();
        dm.MapPost("/conversations", Open).WithSummary("The conversation with somebody, made if there is none yet").Accepts<NewDmBody>("application/json").Produces<DmConversationJson>();
        dm.MapGet("/conversations", List).WithSummary("Your encrypted conversations, the most recent first").Produces<DmConversationJson[]>();
        dm.MapPost("/messages", Send).WithSummary("Send a sealed message; the same nonce and payload again answer with the first result")
            .Accepts<SealedBodyJson>("application/json").Produces<EncryptedDmMessageJson>(201);
        dm.MapGet("/messages/{id:id}", Page).WithSummary("A page of messages, newest first").Takes(MessagesApi.Before, MessagesApi.After, MessagesApi.Limit).Produces<DmHistoryJson>();
        dm.MapGet("/offline", Waiting).WithSummary("What came while none of your devices was connected, the oldest first; call again until it is empty")
            .Takes(RouteParameter.OneOf("ack", "They stay until they are acknowledged; absent: what is answered is gone", "explicit")).Produces<EncryptedDmMessageJson[]>();
        dm.MapPost("/offline/ack", Acknowledge).WithSummary("You have them").Accepts<AcknowledgedBody>("application/json").Produces<AcknowledgedJson>();
    }

    private static async Task<IResult> Publish(HttpContext context, DmKeys keys)
    {
        if (!(await Body.Read<DmKeyBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!X25519.Parse(body.X25519Pubkey, "x25519_pubkey").TryGet(out var key, out refusal)) return RestFaults.Result(refusal);
        var request = new PublishDmKey(key, body.KeyId, body.CreatedAt, body.ExpiresAt, body.Signature);
        return Answer.Of(await keys.Publish(context.Caller(), request, context.RequestAborted), DmKeyJson.Of);
    }

    private static async Task<IResult> FindKey(HttpContext context, string identity, DmKeys keys) =>
        Answer.Of(await keys.Find(context.Caller(), identity, context.RequestAborted), DmKeyJson.Of);

    private static async Task<IResult> Open(HttpContext context, DmConversations conversations)
    {
        if (!(await Body.Read<NewDmBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await conversations.Open(context.Caller(), body.RecipientPubkey, context.RequestAborted), opened => DmConversationJson.Of(opened.Conversation));
    }

    private static async Task<IResult> List(HttpContext context, DmConversations conversations) =>
        Answer.Of(await conversations.List(context.Caller(), context.RequestAborted), list => (DmConversationJson[])[.. list.Select(DmConversationJson.Of)]);

    private static async Task<IResult> Send(HttpContext context, DmMessages messages)
    {
        if (!(await Body.Read<SealedBodyJson>(context, MaxBytes)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var request = new SendDm(body.ConversationId, body.EncryptedPayload, body.Nonce, body.EphemeralPubkey, body.Timestamp, body.ClientId);
        return Answer.Of(await messages.Send(context.Caller(), request, context.RequestAborted), sent => EncryptedDmMessageJson.Of(sent.Message), StatusCodes.Status201Created);
    }

    private static async Task<IResult> Page(HttpContext context, Guid id, DmMessages messages)
    {
        if (!Query.Number(context, "before").TryGet(out var before, out var refusal)) return RestFaults.Result(refusal);
        if (!Query.Number(context, "after").TryGet(out var after, out refusal)) return RestFaults.Result(refusal);
        if (!Query.Limit(context, History.UsualLimit, History.MostLimit).TryGet(out var limit, out refusal)) return RestFaults.Result(refusal);
        var page = new ReadHistory(id, before, after, Limit: limit);
        return Answer.Of(await messages.Page(context.Caller(), page, context.RequestAborted), DmHistoryJson.Of);
    }

    private static async Task<IResult> Waiting(HttpContext context, OfflineQueue queue)
    {
        if (!Query.Text(context, "ack").TryGet(out var ack, out var refusal)) return RestFaults.Result(refusal);
        if (ack is not (null or "explicit")) return RestFaults.Result(Refusal.Invalid("ack", "must be explicit, or absent"));
        var caller = context.Caller();
        if (!(await queue.Waiting(caller, ct: context.RequestAborted)).TryGet(out var messages, out refusal)) return RestFaults.Result(refusal);
        var answer = Answer.Json((EncryptedDmMessageJson[])[.. messages.Select(EncryptedDmMessageJson.Of)]);
        return ack is null ? new TakenResult(answer, () => queue.Acknowledge(caller, [.. messages.Select(message => message.Id)])) : answer;
    }

    private static async Task<IResult> Acknowledge(HttpContext context, OfflineQueue queue)
    {
        if (!(await Body.Read<AcknowledgedBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await queue.Acknowledge(context.Caller(), body.MessageIds, context.RequestAborted), count => new AcknowledgedJson { Acknowledged = count });
    }

    // Whoever goes away in the middle of the answer gets it again.
    private sealed class TakenResult(IResult answer, Func<Task<Result<int>>> taken) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await answer.ExecuteAsync(httpContext);
            await httpContext.Response.CompleteAsync();
            if (!httpContext.RequestAborted.IsCancellationRequested) await taken();
        }
    }
}
