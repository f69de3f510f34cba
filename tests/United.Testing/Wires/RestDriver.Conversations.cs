using System.Text.Json;

namespace United.Testing.Wires;

public sealed partial class RestDriver
{
    public Task<Outcome<SeenConversation>> CreateDirect(Guid user) =>
        Ask(HttpMethod.Post, "/api/conversations", new { type = "direct", user_id = user }, Conversation);

    public Task<Outcome<SeenConversation>> CreateGroup(string name, params Guid[] members) =>
        Ask(HttpMethod.Post, "/api/conversations", new { type = "group", name, member_ids = members }, Conversation);

    public Task<Outcome<SeenConversation>> Rename(Guid group, string name) =>
        Ask(HttpMethod.Patch, $"/api/conversations/{group}", new { name }, Conversation);

    public Task<Outcome<SeenConversation>> Find(Guid conversation) => Ask(HttpMethod.Get, $"/api/conversations/{conversation}", null, Conversation);

    public Task<Outcome<SeenList>> List(string? state = null, string? cursor = null, int? limit = null)
    {
        string?[] query = [state is null ? null : $"state={state}", cursor is null ? null : $"cursor={Uri.EscapeDataString(cursor)}", limit is null ? null : $"limit={limit}"];
        return Ask(HttpMethod.Get, $"/api/conversations?{string.Join('&', query.Where(part => part is not null))}", null,
            (answer, _) => new SeenList([.. answer.GetProperty("items").EnumerateArray().Select(item => Conversation(item, 200))], Optional(answer, "next")?.GetString()));
    }

    public Task<Outcome<bool>> AddMember(Guid group, Guid user, string? role = null) =>
        Ask(HttpMethod.Post, $"/api/conversations/{group}/members", new { user_id = user, role }, _ => true);

    public Task<Outcome<bool>> ChangeMember(Guid group, Guid user, string role) =>
        Ask(HttpMethod.Patch, $"/api/conversations/{group}/members/{user}", new { role }, _ => true);

    public Task<Outcome<bool>> RemoveMember(Guid group, Guid user) =>
        Ask(HttpMethod.Delete, $"/api/conversations/{group}/members/{user}", null, _ => true);

    public Task<Outcome<bool>> Hide(Guid conversation) => Ask(HttpMethod.Delete, $"/api/conversations/{conversation}", null, _ => true);

    public Task<Outcome<bool>> Mute(Guid conversation, long? until) => Ask(HttpMethod.Put, $"/api/conversations/{conversation}/mute", new { until }, _ => true);

    public Task<Outcome<bool>> Notify(Guid conversation, string level) =>
        Ask(HttpMethod.Put, $"/api/conversations/{conversation}/notifications", new { level }, _ => true);

    public Task<Outcome<bool>> AnswerRequest(Guid request, bool accept) =>
        Ask(HttpMethod.Post, $"/api/message-requests/{request}/{(accept ? "accept" : "decline")}", null, _ => true);

    public Task<Outcome<SeenReceipts>> Receipts(Guid conversation, Guid message) => Ask(
        HttpMethod.Get, $"/api/conversations/{conversation}/messages/{message}/receipts", null,
        answer => new SeenReceipts(answer.GetProperty("status").GetString()!, answer.GetProperty("items").EnumerateArray().ToDictionary(
            item => item.GetProperty("user_id").GetGuid(), item => (Optional(item, "delivered_at")?.GetInt64(), Optional(item, "read_at")?.GetInt64()))));

    private static SeenConversation Conversation(JsonElement shown, int status)
    {
        var settings = shown.GetProperty("settings");
        return new SeenConversation(
            shown.GetProperty("id").GetGuid(), shown.GetProperty("kind").GetString()!, shown.GetProperty("name").GetString()!,
            shown.GetProperty("revision").GetInt64(), shown.GetProperty("last_sequence").GetInt64(), shown.GetProperty("unread_count").GetInt32(),
            shown.GetProperty("member_count").GetInt32(),
            new SeenSettings(
                settings.GetProperty("role").GetString()!, Optional(settings, "muted_until")?.GetInt64(), settings.GetProperty("notifications").GetString()!,
                settings.GetProperty("hidden").GetBoolean()),
            Optional(shown, "request") is { } request ? Request(request) : null, Created: status == 201)
        {
            Members = [.. shown.GetProperty("members").EnumerateArray().Select(Member)],
            LastMessage = Optional(shown, "last_message") is { } message ? Of(message) : null,
        };
    }

    private static SeenMember Member(JsonElement member) => new(
        member.GetProperty("user_id").GetGuid(), member.GetProperty("role").GetString()!,
        Optional(member, "last_read_sequence")?.GetInt64(), Optional(member, "last_delivered_sequence")?.GetInt64());

    private static SeenRequest Request(JsonElement request) => new(
        request.GetProperty("id").GetGuid(), request.GetProperty("requester_id").GetGuid(), request.GetProperty("recipient_id").GetGuid(),
        request.GetProperty("state").GetString()!);
}
