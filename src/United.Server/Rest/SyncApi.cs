using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;
using United.Core.Messages;

namespace United.Server.Rest;

internal static class SyncApi
{
    private const int MaxBytes = 1024 * 1024;

    public static void MapSync(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/sync", Read).WithTags("Sync").WithSummary("Catch up: what changed above the revisions that you know")
            .Accepts<SyncBody>("application/json").Produces<SyncJson>();

    private static async Task<IResult> Read(HttpContext context, Sync sync, ServerIdentity server)
    {
        if (!(await Body.Read<SyncBody>(context, MaxBytes)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!body.Request().TryGet(out var request, out refusal)) return RestFaults.Result(refusal);
        var caller = context.Caller();
        return Answer.Of(await sync.Read(caller, request, context.RequestAborted), found => SyncJson.Of(found, caller, server.LogEpoch));
    }
}

internal sealed record SyncBody
{
    /// <summary>Revisions that you know, by conversation.</summary>
    public required Dictionary<string, long> Conversations { get; init; }

    /// <summary>The map names some conversations only: nothing is added.</summary>
    public bool? Partial { get; init; }

    /// <summary>The server_time of your last answer. Without it no receipts are sent.</summary>
    public long? ReceiptsSince { get; init; }

    public Result<SyncRequest> Request()
    {
        var known = new Dictionary<Guid, long>(Conversations.Count);
        foreach (var (text, revision) in Conversations)
        {
            if (!Ids.TryParse(text, out var id)) return Refusal.Invalid("conversations", "its names must be ids");
            known.Add(id, revision);
        }
        return new SyncRequest(known, Partial ?? false, ReceiptsSince);
    }
}

internal sealed record SyncJson
{
    public required IReadOnlyList<SyncedJson> Changed { get; init; }
    public required IReadOnlyList<ConversationJson> Added { get; init; }
    public required IReadOnlyList<Guid> Removed { get; init; }
    public required IReadOnlyList<ReceiptJson> Receipts { get; init; }

    /// <summary>Another one than before: a backup was restored; drop what is cached.</summary>
    public required string LogEpoch { get; init; }

    public required long ServerTime { get; init; }

    /// <summary>Apply this, and ask again.</summary>
    public required bool More { get; init; }

    public static SyncJson Of(SyncAnswer answer, Caller reader, string logEpoch) => new()
    {
        Changed = [.. answer.Changed.Select(changed => SyncedJson.Of(changed, reader))],
        Added = [.. answer.Added.Select(view => ConversationJson.Of(view, reader))],
        Removed = answer.Removed,
        Receipts = [.. answer.Receipts.Select(ReceiptJson.Of)],
        LogEpoch = logEpoch,
        ServerTime = answer.ServerTime,
        More = answer.More,
    };
}

internal sealed record SyncedJson
{
    public required Guid ConversationId { get; init; }
    public required long Revision { get; init; }
    public required long LastSequence { get; init; }
    public required int UnreadCount { get; init; }
    public required int MentionCount { get; init; }
    public required long LastRead { get; init; }

    /// <summary>There if the conversation itself changed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ConversationJson? Conversation { get; init; }

    /// <summary>Whole, by rising revision.</summary>
    public required IReadOnlyList<MessageJson> Messages { get; init; }

    public required IReadOnlyList<MemberJson> Members { get; init; }
    public required OwnSettingsJson Settings { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RequestJson? Request { get; init; }

    /// <summary>Drop what you have of it, and load the newest page.</summary>
    public required bool Truncated { get; init; }

    public static SyncedJson Of(SyncedConversation changed, Caller reader) => new()
    {
        ConversationId = changed.Id,
        Revision = changed.Revision,
        LastSequence = changed.LastSequence,
        UnreadCount = changed.State.UnreadCount,
        MentionCount = changed.State.MentionCount,
        LastRead = changed.State.LastRead,
        Conversation = changed.Changed is { } conversation ? ConversationJson.Of(conversation) : null,
        Messages = [.. changed.Messages.Select(message => MessageJson.Of(message, reader))],
        Members = [.. changed.Members.Select(MemberJson.Of)],
        Settings = OwnSettingsJson.Of(changed.State.Settings),
        Request = changed.Request is { } request ? RequestJson.Of(request) : null,
        Truncated = changed.Truncated,
    };
}

/// <summary>Where a watermark stands.</summary>
internal sealed record ReceiptJson
{
    public required Guid ConversationId { get; init; }
    public required Guid UserId { get; init; }

    /// <summary><c>read</c> or <c>delivered</c>.</summary>
    public required string Kind { get; init; }

    public required long Sequence { get; init; }
    public required long At { get; init; }

    public static ReceiptJson Of(Receipt receipt) => new()
    {
        ConversationId = receipt.ConversationId,
        UserId = receipt.UserId,
        Kind = Words.Of(receipt.Kind),
        Sequence = receipt.Sequence,
        At = receipt.At,
    };
}

[JsonSerializable(typeof(SyncBody))]
[JsonSerializable(typeof(SyncJson))]
internal sealed partial class SyncJsonContext : JsonSerializerContext;
