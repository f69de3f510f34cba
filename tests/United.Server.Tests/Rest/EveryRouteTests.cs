using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using United.Core;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>Every route of conversations, requests, media and sync that the server describes: a route that comes fails here until it is called as it is meant and known to refuse.</summary>
public sealed class EveryRouteTests
{
    private const string Emoji = "like";

    // What each route takes, with the names of the scene in it.
    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["POST /api/conversations"] = """{"type":"group","name":"Tea","member_ids":["BOB"],"user_id":"BOB","avatar_media_id":null}""",
        ["PATCH /api/conversations/{id}"] = """{"name":"Coffee","avatar_media_id":null}""",
        ["PUT /api/conversations/{id}/mute"] = """{"until":1}""",
        ["PUT /api/conversations/{id}/notifications"] = """{"level":"mentions"}""",
        ["POST /api/conversations/{id}/members"] = """{"user_id":"BOB","role":"member"}""",
        ["PATCH /api/conversations/{id}/members/{userId}"] = """{"role":"admin"}""",
        ["POST /api/conversations/{id}/messages"] = """{"content":"hello"}""",
        ["PUT /api/conversations/{id}/messages/{messageId}"] = """{"content":"changed"}""",
        ["PUT /api/conversations/{id}/read"] = """{"sequence":1}""",
        ["PUT /api/conversations/{id}/delivered"] = """{"sequence":1}""",
        ["POST /api/messages/{messageId}/reactions"] = """{"emoji":"like","toggle":false}""",
        ["POST /api/messages/{messageId}/report"] = """{"reason":"rude"}""",
        ["POST /api/sync"] = """{"conversations":{},"partial":true,"receipts_since":1}""",
    };

    [Theory, EachDatabase]
    public async Task Each_route_answers_as_it_is_described(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var routes = await DocumentedRoutes.Of(scene.Rest);
        var (ann, bob, eve) = (await scene.Rest.Member("ann"), await scene.Rest.Member("bob"), await scene.Rest.Member("eve"));

        var media = (await routes.Take(ann, "POST /api/media", MediaSamples.Png())).Text("id");
        var group = (await routes.Take(ann, "POST /api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id } })).Text("id");
        var message = (await routes.Take(ann, "POST /api/conversations/{id}/messages", new { content = "look", media_ids = new[] { media } }, group)).Text("id");
        Assert.Equal(MediaSamples.Png(), (await routes.Take(bob, "GET /api/media/{id}", null, media)).Bytes);
        Assert.Equal(HttpStatusCode.OK, await scene.Status(null, (await routes.Take(bob, "POST /api/media/{id}/ticket", null, media)).Text("url")));
        Assert.Equal("changed", (await routes.Take(ann, "PUT /api/conversations/{id}/messages/{messageId}", new { content = "changed" }, group, message)).Text("content"));
        Assert.Equal(2, (await routes.Take(bob, "PUT /api/conversations/{id}/delivered", new { sequence = 2 }, group)).Number("sequence"));
        Assert.Equal(2, (await routes.Take(bob, "PUT /api/conversations/{id}/read", new { sequence = 2 }, group)).Number("sequence"));
        Assert.Equal("read", (await routes.Take(ann, "GET /api/conversations/{id}/messages/{messageId}/receipts", null, group, message)).Text("status"));
        await routes.Take(bob, "POST /api/messages/{messageId}/reactions", new { emoji = Emoji }, message);
        Assert.Single((await routes.Take(ann, "GET /api/messages/{messageId}/reactions", null, message)).Json.EnumerateArray());
        Assert.Empty((await routes.Take(bob, "DELETE /api/messages/{messageId}/reactions/{emoji}", null, message, Emoji)).Json.EnumerateArray());
        await routes.Take(bob, "POST /api/messages/{messageId}/report", new { reason = "rude" }, message);

        Assert.Equal("Coffee", (await routes.Take(ann, "PATCH /api/conversations/{id}", new { name = "Coffee" }, group)).Text("name"));
        await routes.Take(ann, "POST /api/conversations/{id}/members", new { user_id = eve.Id }, group);
        await routes.Take(ann, "PATCH /api/conversations/{id}/members/{userId}", new { role = "admin" }, group, bob.Id);
        await routes.Take(bob, "DELETE /api/conversations/{id}/members/{userId}", null, group, eve.Id);
        Assert.Equal(["admin", "admin"], (await routes.Take(bob, "GET /api/conversations/{id}/members", null, group)).Items("role"));
        await routes.Take(bob, "PUT /api/conversations/{id}/mute", new { until = (long?)null }, group);
        Assert.Equal("none", (await routes.Take(bob, "PUT /api/conversations/{id}/notifications", new { level = "none" }, group)).Text("notifications"));
        Assert.Equal("none", (await routes.Take(bob, "GET /api/conversations/{id}", null, group)).Json.GetProperty("settings").GetProperty("notifications").GetString());

        foreach (var answer in (string[])["accept", "decline"])
        {
            var (asks, asked) = (eve, await scene.Rest.Member("asked_to_" + answer));
            var direct = (await routes.Take(asks, "POST /api/conversations", new { type = "direct", user_id = asked.Id })).Text("id");
            await routes.Take(asks, "POST /api/conversations/{id}/messages", new { content = "may I?" }, direct);
            var request = Assert.Single((await routes.Take(asked, "GET /api/message-requests", null)).Items("id"));
            await routes.Take(asked, $"POST /api/message-requests/{{id}}/{answer}", null, request);
            Assert.Empty((await asked.Get("/api/message-requests")).Items("id"));
        }

        await routes.Take(ann, "DELETE /api/conversations/{id}/messages/{messageId}", null, group, message);
        var page = await routes.Take(bob, "GET /api/conversations/{id}/messages", null, group);
        Assert.DoesNotContain(page.Json.GetProperty("messages").EnumerateArray(), one => one.GetProperty("id").GetString() == message);
        Assert.Contains(group, (await routes.Take(bob, "GET /api/conversations", null)).Items("id"));
        await routes.Take(bob, "DELETE /api/conversations/{id}", null, group);
        Assert.DoesNotContain(group, (await bob.Get("/api/conversations")).Items("id"));
        Assert.Single((await routes.Take(bob, "POST /api/sync", new { conversations = new Dictionary<string, long> { [group] = 1 }, partial = true })).Json.GetProperty("changed").EnumerateArray());

        Assert.Empty(routes.Untaken);
    }

    [Theory, EachDatabase]
    public async Task Each_route_is_closed_to_nobody_and_to_strangers_and_takes_nothing_but_what_it_describes(Engine engine)
    {
        await using var scene = await FileScene.Start(engine);
        var routes = await DocumentedRoutes.Of(scene.Rest);
        var (ann, bob, eve) = (await scene.Rest.Member("ann"), await scene.Rest.Member("bob"), await scene.Rest.Member("eve"));
        var media = await FileScene.Uploaded(ann, MediaSamples.Png());
        var group = Guid.Parse((await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id } })).Text("id"));
        var message = Guid.Parse((await ann.Post($"/api/conversations/{group}/messages", new { content = "look", media_ids = new[] { media } })).Text("id"));
        var direct = (await ann.Post("/api/conversations", new { type = "direct", user_id = bob.Id })).Text("id");
        await ann.Post($"/api/conversations/{direct}/messages", new { content = "may I?" });
        var request = Guid.Parse(Assert.Single((await bob.Get("/api/message-requests")).Items("id")));
        var before = await Stored();

        foreach (var route in routes.All.Values)
        {
            var body = Bodies.GetValueOrDefault(route.Name)?.Replace("BOB", bob.Id.ToString(), StringComparison.Ordinal);
            Assert.True(body is not null == route.ReadsJson, $"{route.Name}: what it reads has to stand in this test.");
            // Reactions to what everybody may read are for everybody: there nobody is a stranger like others.
            var closed = route.Name == "GET /api/messages/{messageId}/reactions" ? "404 not_found" : "401 unauthorized";
            Assert.Equal($"{route.Name} {closed}", await Refused(null, route, Values(route), body));
            if (route.Path.Contains("/{", StringComparison.Ordinal)) await AssertHidden(route, body);
            if (body is not null) await AssertStrict(route, body);
        }

        Assert.Equal(before, await Stored());

        async Task AssertHidden(DocumentedRoutes.Route route, string? body)
        {
            var nowhere = Values(route, Ids.New(TimeProvider.System));
            foreach (var (who, values) in ((RestScene.Person, object[])[])[(eve, Values(route)), (eve, nowhere), (ann, nowhere), (ann, Values(route, "x"))])
                Assert.Equal($"{route.Name} 404 not_found", await Refused(who.User.AccessToken, route, values, body));
            var method = new HttpMethod(route.Method);
            Assert.Equal((await eve.Call(method, route.Address(nowhere), body)).Body, (await eve.Call(method, route.Address(Values(route)), body)).Body);
        }

        async Task AssertStrict(DocumentedRoutes.Route route, string body)
        {
            foreach (var (wrong, refusal) in Wrong(body, routes.Fields(route)))
                Assert.Equal($"{route.Name} {refusal}: {wrong}", $"{await Refused(ann.User.AccessToken, route, Values(route), wrong)}: {wrong}");
            Assert.Equal($"{route.Name} 413 too_large", await Refused(ann.User.AccessToken, route, Values(route), $"{{\"more\":\"{new string('x', route.Path == "/api/sync" ? 1_100_000 : 70_000)}\",{body[1..]}"));
            using var plain = await scene.Send(ann, new HttpMethod(route.Method), route.Address(Values(route)), new StringContent(body, Encoding.UTF8, "text/plain"));
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, plain.StatusCode);
        }

        async Task<string> Refused(string? token, DocumentedRoutes.Route route, object[] values, string? body) =>
            $"{route.Name} {(await scene.Rest.Call(token, new HttpMethod(route.Method), route.Address(values), body)).Refusal}";

        object[] Values(DocumentedRoutes.Route route, object? instead = null) => [.. route.Path.Split('/').Where(part => part.StartsWith('{')).Select(part => part switch
        {
            "{userId}" => bob.Id,
            "{emoji}" => Emoji,
            _ when instead is not null => instead,
            "{messageId}" => message,
            _ when route.Path.StartsWith("/api/media", StringComparison.Ordinal) => media,
            _ when route.Path.StartsWith("/api/message-requests", StringComparison.Ordinal) => request,
            _ => (object)group,
        })];

        Task<string> Stored() => scene.Rest.Core.Database.Read(sql => StoredRows.Of(sql, StoredRows.OfConversations));
    }

    // Each field with a value of another kind, twice, and, where it has to be there, not at all; and what is no such body.
    private static IEnumerable<(string Body, string Refusal)> Wrong(string body, IEnumerable<(string Name, bool Required, bool IsText)> fields)
    {
        foreach (var (name, required, isText) in fields)
        {
            var changed = JsonNode.Parse(body)!.AsObject();
            var twice = $"\"{name}\":{changed[name]?.ToJsonString() ?? "null"},";
            yield return ($"{{{twice}{twice}{body[1..]}", $"400 validation_failed {name}");
            changed[name] = isText ? 7 : "no such thing";
            yield return (changed.ToJsonString(), $"400 validation_failed {name}");
            changed.Remove(name);
            if (required) yield return (changed.ToJsonString(), $"400 validation_failed {name}");
        }
        foreach (var malformed in (string[])["", "{", body + "x", $"{{\"more\":{new string('[', 40)}{new string(']', 40)},{body[1..]}"]) yield return (malformed, "400 malformed");
        yield return ("[]", "400 validation_failed");
    }
}
