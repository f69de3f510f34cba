using System.Text.Json.Serialization;
using United.Core;
using United.Core.Messages;

namespace United.Server.Rest;

/// <summary>How far one has read and received.</summary>
internal static class WatermarksApi
{
    public static void MapWatermarks(this IEndpointRouteBuilder routes)
    {
        var channel = routes.MapGroup("/api/channels/{id:id}").WithTags("Watermarks");
        channel.MapGet("/last-read", LastRead).WithSummary("How far you have read; 0 if never").Produces<LastReadJson>();
        channel.MapPut("/last-read", MoveLastRead).WithSummary("You have read up to here").Accepts<LastReadJson>("application/json").Produces<LastReadJson>();
        var conversation = routes.MapGroup("/api/conversations/{id:id}").WithTags("Watermarks");
        conversation.MapPut("/read", MoveRead).WithSummary("You have read up to here").Accepts<SequenceJson>("application/json").Produces<SequenceJson>();
        conversation.MapPut("/delivered", MoveDelivered).WithSummary("Your device has got everything up to here").Accepts<SequenceJson>("application/json").Produces<SequenceJson>();
    }

    private static async Task<IResult> LastRead(HttpContext context, Guid id, MessageReader reader) =>
        Answer.Of(await reader.State(context.Caller(), id, context.RequestAborted), state => new LastReadJson { LastSequence = state.LastRead });

    private static async Task<IResult> MoveLastRead(HttpContext context, Guid id, MessageLog log)
    {
        if (!(await Body.Read<LastReadJson>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        // Checked here, since this route has a name of its own for it.
        if (body.LastSequence < 0) return RestFaults.Result(Refusal.Invalid("last_sequence", "is below 0"));
        return Answer.Of(await log.MarkRead(context.Caller(), new MoveWatermark(id, body.LastSequence), context.RequestAborted), moved => new LastReadJson { LastSequence = moved.Sequence });
    }

    private static async Task<IResult> MoveRead(HttpContext context, Guid id, MessageLog log)
    {
        if (!(await Body.Read<SequenceJson>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await log.MarkRead(context.Caller(), new MoveWatermark(id, body.Sequence), context.RequestAborted), Moved);
    }

    private static async Task<IResult> MoveDelivered(HttpContext context, Guid id, MessageLog log)
    {
        if (!(await Body.Read<SequenceJson>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await log.MarkDelivered(context.Caller(), new MoveWatermark(id, body.Sequence), context.RequestAborted), Moved);
    }

    private static SequenceJson Moved(WatermarkResult moved) => new() { Sequence = moved.Sequence };
}

/// <summary>Never goes back, and never beyond the channel's last message.</summary>
internal sealed record LastReadJson
{
    public required long LastSequence { get; init; }
}

/// <summary>Never goes back, and never beyond the conversation's last message.</summary>
internal sealed record SequenceJson
{
    public required long Sequence { get; init; }
}

[JsonSerializable(typeof(LastReadJson))]
[JsonSerializable(typeof(SequenceJson))]
internal sealed partial class WatermarksJson : JsonSerializerContext;
