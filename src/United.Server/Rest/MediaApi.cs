using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using United.Core;
using United.Core.Identity;
using United.Core.Media;
using United.Core.Messages;
using United.Core.Moderation;
using United.Server.Hosting;

namespace United.Server.Rest;

/// <summary>Files: upload, download, and addresses for elements that can send no header.</summary>
internal static class MediaApi
{
    // What a form may have around the file.
    private const int FormBytes = 64 * 1024;

    public static void MapMedia(this IEndpointRouteBuilder routes)
    {
        var media = routes.MapGroup("/api/media").WithTags("Media");
        media.MapPost("", Upload).WithSummary("Upload a file: a form with the file and what is said of it; or the file itself, of whatever type, and that in the query")
            .Takes(MediaForm.Fields).Accepts<byte[]>("*/*", "multipart/form-data").Produces<MessageMediaJson>(201);
        media.MapGet("/{id:id}", Download).OpenToAll().WithSummary("The file; ranges, ETag. With the ticket of an address no token is needed")
            .Takes(RouteParameter.Text("ticket", "Of an address that needs no token"), RouteParameter.Header("Range", "One range of bytes"))
            .Produces<byte[]>(contentType: "application/octet-stream");
        media.MapMethods("/{id:id}", ["HEAD"], Download).OpenToAll().ExcludeFromDescription();
        media.MapPost("/{id:id}/ticket", Ticket).WithSummary("An address that is good for 30 seconds, in this session, without a header").Produces<TicketJson>();
    }

    private static async Task<IResult> Upload(HttpContext context, MediaUploads uploads, RateLimits limits, ConnectionCounts counts, Visitors visitors, Callers callers)
    {
        var (caller, ct) = (context.Caller(), context.RequestAborted);
        if (await TooOften(caller, visitors.Of(context), limits) is { } tooOften) return RestFaults.Result(tooOften);
        using var place = counts.EnterUpload(caller.UserId);
        if (place is null) return RestFaults.Result(new Refusal(Fault.RateLimited, RetryAfter: TimeSpan.FromSeconds(1)));
        if (!(await uploads.Admit(caller, Math.Max((context.Request.ContentLength ?? 0) - FormBytes, 0), ct)).TryGet(out _, out var refusal)) return HangUp(context, refusal);
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = uploads.MostBytes + FormBytes;
        await using var form = new MediaForm();
        if (await form.Read(context, uploads) is { } unread) return HangUp(context, unread);
        if (!form.Description().TryGet(out var said, out refusal)) return RestFaults.Result(refusal);
        // Receiving may have taken long: whether the caller still may is asked again.
        if (!(await callers.Resolve(caller.UserId, caller.SessionId, ct)).TryGet(out caller, out refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await uploads.Keep(caller, form.File!, said, ct), MessageMediaJson.Of, StatusCodes.Status201Created);
    }

    // Of the account first: who is refused for their own sake takes nothing from the others at their address.
    private static async ValueTask<Refusal?> TooOften(Caller caller, Visitor visitor, RateLimits limits) =>
        await limits.Ask(Limit.Upload, caller.UserId) ?? await limits.Ask(Limit.UploadByAddress, RateLimits.Subject(visitor.Address));

    // The rest of the body is not worth reading, and behind it no other request can be found.
    private static IResult HangUp(HttpContext context, Refusal refusal)
    {
        context.Response.Headers.Connection = "close";
        return RestFaults.Result(refusal);
    }

    private static async Task<IResult> Download(HttpContext context, Guid id, MediaReader reader, MediaFolder folder, MediaTickets tickets, Callers callers)
    {
        if (!(await WhoAsks(context, id, tickets, callers)).TryGet(out var caller, out var refusal)) return RestFaults.Result(refusal);
        if (!(await reader.Find(caller, id, context.RequestAborted)).TryGet(out var found, out refusal)) return RestFaults.Result(refusal);
        if (folder.Open(found.Hash) is not { } file) return RestFaults.NotFound; // taken away just now
        MediaHeaders.Set(context.Response, found.Media);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(found.Hash)}\"");
        return Results.Stream(file, found.Media.ContentType, entityTag: tag, enableRangeProcessing: AsksForBytes(context.Request));
    }

    // Ranges of another unit are to be ignored (RFC 9110, 14.2), which the framework does not.
    private static bool AsksForBytes(HttpRequest request) => request.Headers.Range.All(range => range?.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) == true);

    private static async Task<IResult> Ticket(HttpContext context, Guid id, MediaReader reader, MediaTickets tickets, Origins origins)
    {
        var found = await reader.Find(context.Caller(), id, context.RequestAborted);
        return Answer.Of(found, media =>
        {
            var ticket = tickets.Make(context.Caller(), media.Media.Id);
            return new TicketJson { Url = $"{origins.Of(context.Request)}/api/media/{media.Media.Id}?ticket={ticket.Text}", ExpiresAt = ticket.ExpiresAt };
        });
    }

    // A ticket stands for the caller whose it is, as long as their session stands.
    private static async ValueTask<Result<Caller>> WhoAsks(HttpContext context, Guid id, MediaTickets tickets, Callers callers)
    {
        if (context.CallerOrNobody() is { } caller) return caller;
        return context.Request.Query["ticket"] is [{ } ticket] && tickets.Read(ticket, id) is var (userId, sessionId)
            ? await callers.Resolve(userId, sessionId, context.RequestAborted)
            : Fault.Unauthorized;
    }
}

/// <summary>An address that needs no Authorization header.</summary>
internal sealed record TicketJson
{
    public required string Url { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long ExpiresAt { get; init; }
}

[JsonSerializable(typeof(MessageMediaJson))]
[JsonSerializable(typeof(TicketJson))]
internal sealed partial class MediaJson : JsonSerializerContext;
