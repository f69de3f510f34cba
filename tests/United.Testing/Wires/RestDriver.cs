using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace United.Testing.Wires;

/// <summary>REST, as anybody would call it.</summary>
public sealed partial class RestDriver : IConversationsDriver
{
    private readonly HttpClient _http;
    private readonly bool _ofChannels;

    /// <param name="ofChannels">By the routes of channels; else by those of conversations.</param>
    public RestDriver(Uri server, string accessToken, bool ofChannels = true)
    {
        _ofChannels = ofChannels;
        _http = new HttpClient(new OpenApiContract()) { BaseAddress = server };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
    }

    public Task<Outcome<Posted>> Post(Guid channel, string content, string? clientId = null, Guid? replyTo = null) => Ask(
        HttpMethod.Post, $"{Place(channel)}/messages", new { content, client_id = clientId, reply_to_id = replyTo },
        answer => new Posted(answer.GetProperty("id").GetGuid(), answer.GetProperty("server_sequence").GetInt64(), answer.GetProperty("revision").GetInt64()));

    public Task<Outcome<bool>> Edit(Guid channel, Guid message, string content) =>
        Ask(HttpMethod.Put, $"{Place(channel)}/messages/{message}", new { content }, _ => true);

    public Task<Outcome<bool>> Delete(Guid channel, Guid message) =>
        Ask(HttpMethod.Delete, $"{Place(channel)}/messages/{message}", null, _ => true);

    public Task<Outcome<string[]>> React(Guid message, string emoji, bool toggle = false) =>
        Ask(HttpMethod.Post, $"/api/messages/{message}/reactions", new { emoji, toggle }, Reactions);

    public Task<Outcome<string[]>> Unreact(Guid message, string emoji) =>
        Ask(HttpMethod.Delete, $"/api/messages/{message}/reactions/{Uri.EscapeDataString(emoji)}", null, Reactions);

    public Task<Outcome<long>> MarkRead(Guid conversation, long sequence) => _ofChannels
        ? Ask(HttpMethod.Put, $"{Place(conversation)}/last-read", new { last_sequence = sequence }, answer => answer.GetProperty("last_sequence").GetInt64())
        : Ask(HttpMethod.Put, $"{Place(conversation)}/read", new { sequence }, answer => answer.GetProperty("sequence").GetInt64());

    public Task<Outcome<long>> MarkDelivered(Guid conversation, long sequence) => Ask(
        HttpMethod.Put, $"/api/conversations/{conversation}/delivered", new { sequence }, answer => answer.GetProperty("sequence").GetInt64());

    public Task<Outcome<SeenPage>> History(Guid channel, long? before = null, long? after = null, long? around = null, int? limit = null, bool includeDeleted = false)
    {
        string?[] query =
        [
            before is null ? null : $"before={before}", after is null ? null : $"after={after}", around is null ? null : $"around={around}",
            limit is null ? null : $"limit={limit}", includeDeleted ? "include_deleted=true" : null,
        ];
        return Ask(HttpMethod.Get, $"{Place(channel)}/messages?{string.Join('&', query.Where(part => part is not null))}", null,
            answer => new SeenPage([.. answer.GetProperty("messages").EnumerateArray().Select(Of)], answer.GetProperty("has_more").GetBoolean()));
    }

    public Task<Outcome<SeenSync>> Sync(IReadOnlyDictionary<Guid, long> known, bool partial = false, long? receiptsSince = null) => Ask(
        HttpMethod.Post, "/api/sync", new { conversations = known.ToDictionary(pair => pair.Key.ToString("D"), pair => pair.Value), partial, receipts_since = receiptsSince },
        answer => new SeenSync(
            [.. answer.GetProperty("changed").EnumerateArray().Select(Change)],
            [.. answer.GetProperty("added").EnumerateArray().Select(added => added.GetProperty("id").GetGuid())],
            [.. answer.GetProperty("removed").EnumerateArray().Select(removed => removed.GetGuid())], answer.GetProperty("more").GetBoolean())
        {
            Receipts = [.. answer.GetProperty("receipts").EnumerateArray().Select(Receipt)],
            ServerTime = answer.GetProperty("server_time").GetInt64(),
        });

    public Task<Outcome<bool>> SetPresence(string status) => Ask(HttpMethod.Post, "/api/presence", new { status }, _ => true);

    public Task<Outcome<bool>> Type(Guid channel) => _ofChannels
        ? Ask(HttpMethod.Post, "/api/typing", new { channel_id = channel }, _ => true)
        : Ask(HttpMethod.Post, "/api/typing", new { conversation_id = channel }, _ => true);

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static SeenMessage Of(JsonElement message) => new(
        message.GetProperty("id").GetGuid(), message.GetProperty("channel_id").GetGuid(), message.GetProperty("sender_id").GetGuid(),
        message.GetProperty("server_sequence").GetInt64(), message.GetProperty("revision").GetInt64(), message.GetProperty("content").GetString()!,
        message.GetProperty("edited").GetBoolean(), message.GetProperty("deleted").GetBoolean(), Optional(message, "reply_to_id")?.GetGuid(),
        Optional(message, "client_id")?.GetString())
    {
        Reactions = [.. message.GetProperty("reactions").EnumerateArray().SelectMany(Grouped).Order(StringComparer.Ordinal)],
        MentionedUsers = [.. message.GetProperty("mention_user_ids").EnumerateArray().Select(id => id.GetGuid())],
    };

    private static SeenChange Change(JsonElement changed) => new(
        changed.GetProperty("conversation_id").GetGuid(), changed.GetProperty("revision").GetInt64(), changed.GetProperty("last_sequence").GetInt64(),
        changed.GetProperty("unread_count").GetInt32(), changed.GetProperty("mention_count").GetInt32(), changed.GetProperty("last_read").GetInt64(),
        changed.GetProperty("truncated").GetBoolean(), [.. changed.GetProperty("messages").EnumerateArray().Select(Of)]);

    private static SeenReceipt Receipt(JsonElement receipt) => new(
        receipt.GetProperty("conversation_id").GetGuid(), receipt.GetProperty("user_id").GetGuid(), receipt.GetProperty("kind").GetString()!,
        receipt.GetProperty("sequence").GetInt64());

    private static string[] Reactions(JsonElement answer) => [.. answer.EnumerateArray().SelectMany(Grouped).Order(StringComparer.Ordinal)];

    // REST groups reactions by emoji.
    private static IEnumerable<string> Grouped(JsonElement group) =>
        group.GetProperty("user_ids").EnumerateArray().Select(user => $"{group.GetProperty("emoji").GetString()} {user.GetString()}");

    private static JsonElement? Optional(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private string Place(Guid conversation) => $"/api/{(_ofChannels ? "channels" : "conversations")}/{conversation}";

    private Task<Outcome<T>> Ask<T>(HttpMethod method, string path, object? body, Func<JsonElement, T> read) => Ask(method, path, body, (answer, _) => read(answer));

    private async Task<Outcome<T>> Ask<T>(HttpMethod method, string path, object? body, Func<JsonElement, int, T> read)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await _http.SendAsync(request);
        var status = (int)answer.StatusCode;
        var json = answer.Content.Headers.ContentLength == 0 || status == 204 ? default : await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (answer.IsSuccessStatusCode) return new Outcome<T>(read(json, status), status);
        return new Outcome<T>(default, status, json.GetProperty("code").GetString(), Optional(json, "field")?.GetString());
    }
}
