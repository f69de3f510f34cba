using System.Text.Json.Serialization;
using United.Core;
using United.Core.Conversations;
using United.Core.Messages;

namespace United.Server.Rest;

internal static class RequestsApi
{
    public static void MapRequests(this IEndpointRouteBuilder routes)
    {
        var requests = routes.MapGroup("/api/message-requests").WithTags("Message requests");
        requests.MapGet("", List).WithSummary("Who asks to write to you, the newest first").TakesPage().Produces<Page<RequestJson>>();
        requests.MapPost("/{id:id}/accept", Accept).WithSummary("Make it an ordinary conversation").Produces(204);
        requests.MapPost("/{id:id}/decline", Decline).WithSummary("Let them send no more").Produces(204);
    }

    private static async Task<IResult> List(HttpContext context, MessageRequests requests)
    {
        if (!Query.Limit(context, Page.Usual, Page.Most).TryGet(out var limit, out var refusal)) return RestFaults.Result(refusal);
        if (!Query.CursorId(context).TryGet(out var before, out refusal)) return RestFaults.Result(refusal);
        var caller = context.Caller();
        var rows = await requests.List(caller, before, limit + 1, context.RequestAborted);
        return Answer.Json(Page.Of(rows, limit, row => RequestJson.Of(row, caller), row => row.Request.Id.ToString("D")));
    }

    private static async Task<IResult> Accept(HttpContext context, Guid id, MessageRequests requests) =>
        Answer.Of(await requests.Accept(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> Decline(HttpContext context, Guid id, MessageRequests requests) =>
        Answer.Of(await requests.Decline(context.Caller(), id, context.RequestAborted));
}

internal sealed record RequestJson
{
    public required Guid Id { get; init; }
    public required Guid RequesterId { get; init; }
    public required Guid RecipientId { get; init; }
    public required Guid ConversationId { get; init; }

    /// <summary><c>pending</c>, <c>accepted</c> or <c>declined</c>; for the requester a declined one is pending.</summary>
    public required string State { get; init; }

    public required long CreatedAt { get; init; }

    /// <summary>In the list of requests.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ConversationJson? Conversation { get; init; }

    public static RequestJson Of(MessageRequest request) => new()
    {
        Id = request.Id,
        RequesterId = request.RequesterId,
        RecipientId = request.RecipientId,
        ConversationId = request.ConversationId,
        State = Words.Of(request.State),
        CreatedAt = request.CreatedAt,
    };

    public static RequestJson Of(RequestView view, Caller reader) => Of(view.Request) with
    {
        Conversation = ConversationJson.Of(view.Conversation, reader),
    };
}

[JsonSerializable(typeof(Page<RequestJson>))]
internal sealed partial class RequestsJson : JsonSerializerContext;
