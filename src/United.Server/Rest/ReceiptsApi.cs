using System.Text.Json.Serialization;
using United.Core;
using United.Core.Messages;

namespace United.Server.Rest;

/// <summary>Who got a message of one's own, and who has read it.</summary>
internal static class ReceiptsApi
{
    public static void MapReceipts(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/conversations/{id:id}/messages/{messageId:id}/receipts", Receipts).WithTags("Watermarks")
            .WithSummary("Who got a message of yours, and who has read it, and when").Produces<MessageReceiptsJson>();

    private static async Task<IResult> Receipts(HttpContext context, Guid id, Guid messageId, ReceiptReader receipts) =>
        Answer.Of(await receipts.Of(context.Caller(), id, messageId, context.RequestAborted), MessageReceiptsJson.Of);
}

internal sealed record MessageReceiptsJson
{
    /// <summary><c>sent</c>, <c>delivered</c> or <c>read</c>: what holds for all whom it was for.</summary>
    public required string Status { get; init; }

    /// <summary>Nobody in channels and in groups of more than 256.</summary>
    public required IReadOnlyList<MessageReceiptJson> Items { get; init; }

    public static MessageReceiptsJson Of(MessageReceipts receipts) => new()
    {
        Status = Words.Of(receipts.Status),
        Items = [.. receipts.Items.Select(item => new MessageReceiptJson { UserId = item.UserId, DeliveredAt = item.DeliveredAt, ReadAt = item.ReadAt })],
    };
}

internal sealed record MessageReceiptJson
{
    public required Guid UserId { get; init; }
    public required long? DeliveredAt { get; init; }

    /// <summary>Null also for those who do not tell what they read.</summary>
    public required long? ReadAt { get; init; }
}

[JsonSerializable(typeof(MessageReceiptsJson))]
internal sealed partial class ReceiptsJson : JsonSerializerContext;
