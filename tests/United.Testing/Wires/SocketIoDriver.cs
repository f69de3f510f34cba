using System.Text.Json;
using United.Core;
using United.Testing.Sockets;

namespace United.Testing.Wires;

/// <summary>Socket.IO, by its documented events alone.</summary>
public sealed class SocketIoDriver(SocketIoClient client) : IWireDriver
{
    public SocketIoClient Client => client;

    public Task<Outcome<Posted>> Post(Guid channel, string content, string? clientId = null, Guid? replyTo = null) => Ask(
        "message:send", new { conversationId = channel, content, clientId, replyToId = replyTo },
        answer => new Posted(answer.GetProperty("messageId").GetGuid(), answer.GetProperty("serverSequence").GetInt64(), answer.GetProperty("revision").GetInt64()));

    public Task<Outcome<bool>> Edit(Guid channel, Guid message, string content) =>
        Ask("message:edit", new { conversationId = channel, messageId = message, content }, IsDone);

    public Task<Outcome<bool>> Delete(Guid channel, Guid message) => Ask("message:delete", new { conversationId = channel, messageId = message }, IsDone);

    public Task<Outcome<string[]>> React(Guid message, string emoji, bool toggle = false) =>
        Ask("reaction:add", new { messageId = message, emoji, toggle }, answer => Reactions(answer.GetProperty("reactions")));

    public Task<Outcome<string[]>> Unreact(Guid message, string emoji) =>
        Ask("reaction:remove", new { messageId = message, emoji }, answer => Reactions(answer.GetProperty("reactions")));

    public Task<Outcome<long>> MarkRead(Guid conversation, long sequence) =>
        Ask("message:read", new { conversationId = conversation, sequence }, answer => answer.GetProperty("sequence").GetInt64());

    public Task<Outcome<long>> MarkDelivered(Guid conversation, long sequence) =>
        Ask("message:delivered", new { conversationId = conversation, sequence }, answer => answer.GetProperty("sequence").GetInt64());

    public Task<Outcome<SeenPage>> History(Guid channel, long? before = null, long? after = null, long? around = null, int? limit = null, bool includeDeleted = false) => Ask(
        "message:history", new { conversationId = channel, before, after, around, limit, includeDeleted },
        answer => new SeenPage([.. answer.GetProperty("messages").EnumerateArray().Select(Of)], answer.GetProperty("hasMore").GetBoolean()));

    public Task<Outcome<SeenSync>> Sync(IReadOnlyDictionary<Guid, long> known, bool partial = false, long? receiptsSince = null) => Ask(
        "sync", new { conversations = known.ToDictionary(pair => pair.Key.ToString("D"), pair => pair.Value), partial, receiptsSince },
        answer => new SeenSync(
            [.. answer.GetProperty("changed").EnumerateArray().Select(Change)],
            [.. answer.GetProperty("added").EnumerateArray().Select(added => added.GetProperty("id").GetGuid())],
            [.. answer.GetProperty("removed").EnumerateArray().Select(removed => removed.GetGuid())], answer.GetProperty("more").GetBoolean())
        {
            Receipts = [.. answer.GetProperty("receipts").EnumerateArray().Select(Receipt)],
            ServerTime = answer.GetProperty("serverTime").GetInt64(),
        });

    public Task<Outcome<bool>> SetPresence(string status) => Ask("status:set", new { status }, IsDone);

    public Task<Outcome<bool>> Type(Guid channel) => Ask("typing", new { conversationId = channel }, IsDone);

    public ValueTask DisposeAsync() => client.DisposeAsync();

    public static SeenMessage Of(JsonElement message) => new(
        message.GetProperty("id").GetGuid(), message.GetProperty("conversationId").GetGuid(), message.GetProperty("senderId").GetGuid(),
        message.GetProperty("serverSequence").GetInt64(), message.GetProperty("revision").GetInt64(), message.GetProperty("content").GetString()!,
        message.GetProperty("edited").GetBoolean(), message.GetProperty("deleted").GetBoolean(), Optional(message, "replyToId")?.GetGuid(),
        Optional(message, "clientId")?.GetString())
    {
        Reactions = Reactions(message.GetProperty("reactions")),
        MentionedUsers = [.. message.GetProperty("mentionUserIds").EnumerateArray().Select(id => id.GetGuid())],
    };

    private static SeenReceipt Receipt(JsonElement receipt) => new(
        receipt.GetProperty("conversationId").GetGuid(), receipt.GetProperty("userId").GetGuid(), receipt.GetProperty("kind").GetString()!,
        receipt.GetProperty("sequence").GetInt64());

    private static SeenChange Change(JsonElement changed) => new(
        changed.GetProperty("conversationId").GetGuid(), changed.GetProperty("revision").GetInt64(), changed.GetProperty("lastSequence").GetInt64(),
        changed.GetProperty("unreadCount").GetInt32(), changed.GetProperty("mentionCount").GetInt32(), changed.GetProperty("lastRead").GetInt64(),
        changed.GetProperty("truncated").GetBoolean(), [.. changed.GetProperty("messages").EnumerateArray().Select(Of)]);

    private static string[] Reactions(JsonElement groups) => [.. groups.EnumerateArray().SelectMany(Grouped).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Grouped(JsonElement group) =>
        group.GetProperty("userIds").EnumerateArray().Select(user => $"{group.GetProperty("emoji").GetString()} {user.GetString()}");

    private static JsonElement? Optional(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static bool IsDone(JsonElement answer) => answer.GetProperty("success").GetBoolean();

    private async Task<Outcome<T>> Ask<T>(string name, object payload, Func<JsonElement, T> read)
    {
        var answer = await client.Ask(name, payload);
        if (Optional(answer, "code")?.GetString() is not { } code) return new Outcome<T>(read(answer));
        return new Outcome<T>(default, Fault.All.Single(fault => fault.Code == code).HttpStatus, code, SnakeCase(Optional(answer, "field")?.GetString()));
    }

    // Rules name fields as REST does, and scenarios expect them so.
    private static string? SnakeCase(string? field) => field is null ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(field);
}
