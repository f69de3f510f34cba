using System.Text.Json.Serialization;
using United.Core;
using United.Core.Channels;
using United.Core.Messages;

namespace United.Server.Rest;

internal static class ChannelsApi
{
    public static void MapChannels(this IEndpointRouteBuilder routes)
    {
        var channels = routes.MapGroup("/api/channels").WithTags("Channels");
        channels.MapGet("", List).WithSummary("Channels that you may read, in their order, with your counts").Produces<Page<ConversationJson>>();
        channels.MapPost("", Create).WithSummary("Make a channel").Accepts<NewChannelBody>("application/json").Produces<ConversationJson>(201);
        channels.MapGet("/{id:id}", Find).WithSummary("A channel").Produces<ConversationJson>();
        channels.MapPatch("/{id:id}", Change).WithSummary("Change a channel").Accepts<ChannelBody>("application/json").Produces<ConversationJson>();
        channels.MapDelete("/{id:id}", Delete).WithSummary("Delete a channel, for everybody").Produces(204);
        channels.MapPut("/{id:id}/members/{userId:id}", AddMember).WithSummary("Let somebody into a private channel").Produces(204);
        channels.MapDelete("/{id:id}/members/{userId:id}", RemoveMember).WithSummary("Take somebody out of a private channel, or leave it").Produces(204);
    }

    private static async Task<IResult> List(HttpContext context, ChannelDirectory channels)
    {
        var caller = context.Caller();
        var views = await channels.List(caller, context.RequestAborted);
        return Answer.Json(new Page<ConversationJson> { Items = [.. views.Select(view => ConversationJson.Of(view, caller))] });
    }

    private static async Task<IResult> Create(HttpContext context, ChannelDirectory channels)
    {
        if (!(await Body.Read<NewChannelBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var request = new CreateChannel(
            body.Name, body.Topic ?? "", body.Category ?? "", body.Position, body.Private ?? false, body.ReadOnly ?? false, body.MemberIds);
        return await Shown(context, channels, await channels.Create(context.Caller(), request, context.RequestAborted), StatusCodes.Status201Created);
    }

    private static async Task<IResult> Find(HttpContext context, Guid id, ChannelDirectory channels)
    {
        var caller = context.Caller();
        return Answer.Of(await channels.Find(caller, id, context.RequestAborted), view => ConversationJson.Of(view, caller));
    }

    private static async Task<IResult> Change(HttpContext context, Guid id, ChannelDirectory channels)
    {
        if (!(await Body.Read<ChannelBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var change = new ChangeChannel(id, body.Name, body.Topic, body.Category, body.Position, body.Private, body.ReadOnly);
        return await Shown(context, channels, await channels.Change(context.Caller(), change, context.RequestAborted), StatusCodes.Status200OK);
    }

    private static async Task<IResult> Delete(HttpContext context, Guid id, ChannelDirectory channels) =>
        Answer.Of(await channels.Delete(context.Caller(), id, context.RequestAborted));

    private static async Task<IResult> AddMember(HttpContext context, Guid id, Guid userId, ChannelDirectory channels) =>
        Answer.Of(await channels.AddMember(context.Caller(), id, userId, context.RequestAborted));

    private static async Task<IResult> RemoveMember(HttpContext context, Guid id, Guid userId, ChannelDirectory channels) =>
        Answer.Of(await channels.RemoveMember(context.Caller(), id, userId, context.RequestAborted));

    // As in the list, with the caller's counts.
    private static async Task<IResult> Shown(HttpContext context, ChannelDirectory channels, Result<Conversation> made, int status)
    {
        if (!made.TryGet(out var channel, out var refusal)) return RestFaults.Result(refusal);
        var caller = context.Caller();
        return Answer.Of(await channels.Find(caller, channel.Id, context.RequestAborted), view => ConversationJson.Of(view, caller), status);
    }
}

internal sealed record NewChannelBody
{
    public required string Name { get; init; }
    public string? Topic { get; init; }
    public string? Category { get; init; }

    /// <summary>After all others where it is absent.</summary>
    public int? Position { get; init; }

    public bool? Private { get; init; }
    public bool? ReadOnly { get; init; }

    /// <summary>Of a private channel, besides yourself.</summary>
    public IReadOnlyList<Guid>? MemberIds { get; init; }
}

/// <summary>What is absent stays as it is.</summary>
internal sealed record ChannelBody
{
    public string? Name { get; init; }
    public string? Topic { get; init; }
    public string? Category { get; init; }
    public int? Position { get; init; }
    public bool? Private { get; init; }
    public bool? ReadOnly { get; init; }
}

[JsonSerializable(typeof(NewChannelBody))]
[JsonSerializable(typeof(ChannelBody))]
[JsonSerializable(typeof(Page<ConversationJson>))]
internal sealed partial class ChannelsJson : JsonSerializerContext;
