using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>Every field of every body of the identity routes, wrong in every way: refused in words, and nothing changes.</summary>
public sealed class HostileIdentityTests
{
    private const string Id = "01900000-0000-7000-8000-000000000000";
    private static readonly string Key = new('a', 64);
    private static readonly string Signature = new('a', 128);

    // Each is of the right types and wrong in two fields, so that no single change makes it good.
    private static readonly (string Method, string Path, string Body)[] Bodies =
    [
        ("POST", "/api/auth/register", $$"""{"username":"x","display_name":"X","password":"p","public_key":"{{Key}}","challenge_id":"{{Id}}","signature":"{{Signature}}","invite_code":"c","setup_token":"t"}"""),
        ("POST", "/api/auth/login", """{"username":"nobody","password":"p"}"""),
        ("POST", "/api/auth/challenge", """{"public_key":"x"}"""),
        ("POST", "/api/auth/verify", $$"""{"public_key":"{{Key}}","challenge_id":"{{Id}}","signature":"{{Signature}}"}"""),
        ("POST", "/api/auth/refresh", """{"refresh_token":"x"}"""),
        ("PATCH", "/api/users/me", """{"display_name":"","bio":"b","messaging_access":"x","read_receipts":true}"""),
        ("PUT", "/api/users/me/password", $$"""{"current":"c","new":"n","challenge_id":"{{Id}}","signature":"{{Signature}}"}"""),
        ("PUT", "/api/users/me/public-key", $$"""{"public_key":"{{Key}}","challenge_id":"{{Id}}","signature":"{{Signature}}","old_signature":"{{Signature}}"}"""),
        ("PATCH", "/api/users/" + Id, """{"role":"member","display_name":"D"}"""),
        ("POST", "/api/moderation/flagged/" + Id, """{"action":"x"}"""),
        ("POST", $"/api/messages/{Id}/report", """{"reason":""}"""),
        ("POST", "/api/invites", """{"expires_in":1,"max_uses":0,"role":"x"}"""),
        ("POST", "/api/roles", """{"name":"","colour":"#000000","position":-1,"permissions":[]}"""),
        ("PATCH", "/api/roles/" + Id, """{"name":"N","colour":"#000000","position":1,"permissions":[]}"""),
        ("PATCH", "/api/server/settings", """{"name":"","registration":"x","words":["w"],"limits":{"max_accounts":1}}"""),
        ("POST", "/api/server/owner", $$"""{"user_id":"{{Id}}"}"""),
    ];

    [Theory, EachDatabase]
    public async Task Every_field_of_a_wrong_type_is_400_and_changes_nothing(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var before = await Stored(scene);
        foreach (var (method, path, body) in Bodies)
        {
            foreach (var field in JsonNode.Parse(body)!.AsObject().Select(member => member.Key))
            {
                foreach (var wrong in WrongTypes(body, field))
                {
                    var answer = await scene.Owner.Call(new HttpMethod(method), path, wrong);
                    Assert.True(answer.Status == HttpStatusCode.BadRequest && answer.MediaType == "application/problem+json", $"{method} {path} {wrong}: {answer.Refusal}");
                }
            }
        }
        Assert.Equal(before, await Stored(scene));
    }

    [Theory, EachDatabase]
    public async Task Every_hostile_text_is_refused_in_words_and_changes_nothing(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        string[] hostile = ["", "\0", "a\0b", "\u202Eb", new string('x', 60_000), "' or 1=1 --", "__proto__", "../../etc/passwd", "😀", "%00", "{}", "null"];
        var before = await Stored(scene);
        foreach (var (method, path, body) in Bodies)
        {
            foreach (var (field, old) in JsonNode.Parse(body)!.AsObject().Where(member => member.Value is JsonValue value && value.TryGetValue<string>(out _)))
            {
                foreach (var text in hostile)
                {
                    var changed = JsonNode.Parse(body)!.AsObject();
                    changed[field] = text;
                    var answer = await scene.Owner.Call(new HttpMethod(method), path, changed.ToJsonString());
                    Assert.True((int)answer.Status is >= 400 and < 500 && answer.MediaType == "application/problem+json", $"{method} {path} {field}={text[..Math.Min(20, text.Length)]}: {answer.Refusal}");
                }
            }
        }
        Assert.Equal(before, await Stored(scene));
    }

    [Theory, EachDatabase]
    public async Task Every_broken_body_is_refused_and_changes_nothing(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var before = await Stored(scene);
        foreach (var (method, path, body) in Bodies)
        {
            var first = JsonNode.Parse(body)!.AsObject().First();
            (string Text, string Refusal)[] broken =
            [
                ("", "400 malformed"), (body[..^1], "400 malformed"), (body + "x", "400 malformed"), ("[]", "400 validation_failed"), ("null", "400 validation_failed"),
                (body[..^1] + $",\"{first.Key}\":{first.Value!.ToJsonString()}}}", "400 validation_failed " + first.Key),
                (body[..^1] + ",\"x\":" + new string('[', 40) + new string(']', 40) + "}", "400 malformed"),
                (body[..^1] + ",\"x\":\"" + new string('x', 64 * 1024) + "\"}", "413 too_large"),
                (body[..^1] + ",\"x\":\"\\ud800\"}", "400 validation_failed x"),
            ];
            foreach (var (text, refusal) in broken)
                Assert.Equal(refusal, (await scene.Owner.Call(new HttpMethod(method), path, text)).Refusal.TrimEnd());
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "text/plain") };
            request.Headers.Authorization = new("Bearer", scene.Owner.User.AccessToken);
            using var wrongType = await scene.Server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, wrongType.StatusCode);
        }
        Assert.Equal(before, await Stored(scene));
    }

    [Theory, EachDatabase]
    public async Task Nothing_but_the_open_doors_answers_without_a_token(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        string[] closed =
        [
            "POST /api/auth/logout", "GET /api/auth/sessions", $"DELETE /api/auth/sessions/{Id}", "GET /api/users/me", "PATCH /api/users/me", "DELETE /api/users/me",
            "PUT /api/users/me/password", "PUT /api/users/me/public-key", "GET /api/users/me/key-backup", "PUT /api/users/me/key-backup", "GET /api/users", $"GET /api/users/{Id}",
            $"PATCH /api/users/{Id}", $"PUT /api/users/{Id}/block", $"DELETE /api/users/{Id}/block", "GET /api/users/me/blocks", $"POST /api/users/{Id}/suspend",
            $"POST /api/users/{Id}/unsuspend", $"POST /api/users/{Id}/allow-key-reset", "GET /api/invites", "POST /api/invites", "DELETE /api/invites/x", "GET /api/roles",
            "POST /api/roles", $"PATCH /api/roles/{Id}", $"DELETE /api/roles/{Id}", $"PUT /api/roles/{Id}/members/{Id}", $"DELETE /api/roles/{Id}/members/{Id}",
            "GET /api/moderation/flagged", $"POST /api/moderation/flagged/{Id}", $"POST /api/messages/{Id}/report", "GET /api/server/settings", "PATCH /api/server/settings", "POST /api/server/owner",
        ];

        var answers = new List<Answered>();
        foreach (var route in closed) answers.Add(await scene.Call(null, new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1]));

        Assert.All(answers, answer => Assert.Equal("401 unauthorized", answer.Refusal));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
    }

    [Theory, EachDatabase]
    public async Task No_answer_tells_a_secret(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        await scene.Register("ann");
        await scene.Owner.Post("/api/invites", new { });
        await scene.Owner.Post("/api/roles", new { name = "R" });
        string[] forbidden = ["hash", "secret", "token", "salt", "seed", "nonce", "\"password\"", "code"];
        foreach (var path in (string[])["/api/users/me", "/api/users", $"/api/users/{scene.Owner.Id}", "/api/users/me/blocks", "/api/invites", "/api/roles", "/api/auth/sessions", "/api/server/settings", "/api/server"])
        {
            var answer = await scene.Owner.Get(path);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.All(forbidden, word => Assert.DoesNotContain(word, answer.Body, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static IEnumerable<string> WrongTypes(string body, string field)
    {
        var value = JsonNode.Parse(body)![field]!;
        string[] all = ["7", "1.5", "true", "\"text\"", "[]", "{}", "[7]", "1e400"];
        string[] fitting = value switch
        {
            JsonValue text when text.TryGetValue<string>(out _) => ["\"text\""],
            JsonValue flag when flag.TryGetValue<bool>(out _) => ["true"],
            JsonValue => ["7"],
            JsonArray => ["[]"],
            _ => ["{}"],
        };
        var node = JsonNode.Parse(body)!.AsObject();
        foreach (var wrong in all.Except(fitting))
            yield return "{" + string.Join(',', node.Select(member => $"\"{member.Key}\":{(member.Key == field ? wrong : member.Value!.ToJsonString())}")) + "}";
    }

    // Of the audit all but what it says of the tries themselves.
    private static Task<string> Stored(RestScene scene) => scene.Core.Database.Read(async sql =>
        await StoredRows.Of(sql, "users", "sessions", "invites", "roles", "role_members", "blocks", "key_backups", "server_settings", "server_state", "auth_challenges")
        + await sql.Count("select count(*) from audit where action <> 'access.refused'"));
}
