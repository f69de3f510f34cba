using System.Globalization;
using System.Text.Json.Serialization;
using United.Core;
using United.Core.Messages;
using United.Core.Moderation;

namespace United.Server.Rest;

internal static class SearchApi
{
    public static void MapSearch(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/search", Find).WithTags("Search")
            .WithSummary("Messages that contain a text, newest first")
            .Takes(
                RouteParameter.Text("q", "What they contain") with { Required = true },
                RouteParameter.Id("conversation_id", "In this conversation"),
                RouteParameter.Id("from", "By this user"),
                RouteParameter.Number("before", "Before this time, Unix milliseconds"),
                RouteParameter.Cursor,
                RouteParameter.Limit(Search.UsualLimit, Search.MostLimit))
            .Produces<Page<MessageJson>>();

    private static async Task<IResult> Find(HttpContext context, Search search, RateLimits limits)
    {
        var caller = context.Caller();
        if (!RequestOf(context).TryGet(out var request, out var refusal)) return RestFaults.Result(refusal);
        if (await limits.Ask(Limit.Search, caller.UserId) is { } tooOften) return RestFaults.Result(tooOften);
        return Answer.Of(await search.Find(caller, request, context.RequestAborted), page => new Page<MessageJson>
        {
            Items = [.. page.Messages.Select(message => MessageJson.Of(message, caller))],
            Next = page.Next is { } key ? Query.Cursor(key.ToString(CultureInfo.InvariantCulture)) : null,
        });
    }

    private static Result<SearchMessages> RequestOf(HttpContext context)
    {
        if (!Query.Text(context, "q").TryGet(out var text, out var refusal)) return refusal;
        if (text is null) return Refusal.Invalid("q", "is missing");
        if (!Query.Id(context, "conversation_id").TryGet(out var conversation, out refusal)) return refusal;
        if (!Query.Id(context, "from").TryGet(out var sender, out refusal)) return refusal;
        if (!Query.Number(context, "before").TryGet(out var before, out refusal)) return refusal;
        if (!Query.Limit(context, Search.UsualLimit, Search.MostLimit).TryGet(out var limit, out refusal)) return refusal;
        if (!Query.Cursor(context).TryGet(out var place, out refusal)) return refusal;
        if (place is null) return new SearchMessages(text, conversation, sender, before, null, limit);
        return long.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor)
            ? new SearchMessages(text, conversation, sender, before, cursor, limit)
            : Refusal.Invalid("cursor", "is not one of ours");
    }
}

[JsonSerializable(typeof(Page<MessageJson>))]
internal sealed partial class SearchJson : JsonSerializerContext;
