using System.Globalization;
using System.Net;
using System.Text.Json;
using United.Core;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>What people try with conversations, receipts, files and requests that are not theirs. What is wrong with input as such stands in the hostile tests.</summary>
public sealed class AbuseTests
{
    private static readonly Guid Nothing = Ids.New(TimeProvider.System);

    // Attack 6: reactions, receipts and reports of messages that one may not read; and reading in another's name.
    [Theory, EachDatabase]
    public async Task Nobody_acts_on_what_they_may_not_read_nor_reads_in_anothers_name(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob, carl, eve) = (await scene.Member("ann"), await scene.Member("bob"), await scene.Member("carl"), await scene.Member("eve"));
        var group = await Group(ann, bob, carl);
        var message = (await ann.Post($"/api/conversations/{group}/messages", new { content = "words" })).Text("id");
        await using var listener = await SocketIoClient.SignIn(scene.Server.Address, ann.User.AccessToken);
        var before = await State(ann, group, message);

        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])
        [
            (HttpMethod.Post, "/api/messages/{1}/reactions", new { emoji = "like" }), (HttpMethod.Delete, "/api/messages/{1}/reactions/like", null), (HttpMethod.Get, "/api/messages/{1}/reactions", null),
            (HttpMethod.Post, "/api/messages/{1}/report", new { reason = "rude" }), (HttpMethod.Get, "/api/conversations/{0}/messages/{1}/receipts", null),
            (HttpMethod.Put, "/api/conversations/{0}/read", new { sequence = 2 }), (HttpMethod.Put, "/api/conversations/{0}/delivered", new { sequence = 2 }),
        ])
        {
            var (refused, unknown) = (await eve.Call(method, At(path, group, message), body), await eve.Call(method, At(path, Nothing, Nothing), body));
            Assert.Equal($"404 not_found {path}", $"{refused.Refusal} {path}");
            Assert.Equal(unknown.Bytes, refused.Bytes);
        }
        Assert.Equal(before, await State(ann, group, message));

        await bob.Put($"/api/conversations/{group}/read", new { sequence = 2, user_id = carl.Id, conversation_id = Nothing, read_at = 1 });
        var receipts = (await ann.Get($"/api/conversations/{group}/messages/{message}/receipts")).Json.GetProperty("items").EnumerateArray()
            .ToDictionary(item => item.GetProperty("user_id").GetGuid(), item => item.GetProperty("read_at"));
        Assert.Equal(JsonValueKind.Null, receipts[carl.Id].ValueKind);
        Assert.True(receipts[bob.Id].GetInt64() > 1);
        await listener.Pushed("message:read");
        Assert.All(listener.Pushes.Where(push => About(push, group)), push => Assert.Equal(("message:read", bob.Id.ToString()), (push.Name, push["readBy"])));
    }

    // Attacks 9 and 11: what was, after one has left it, and after it has ended for all.
    [Theory, EachDatabase]
    public async Task Of_a_conversation_that_was_left_or_has_ended_nothing_is_told_by_any_route(Engine engine)
    {
        await using var scene = await FileScene.Start(engine, ("Limits:SearchesPerMinute", "100000"));
        var (ann, eve) = (await scene.Rest.Member("ann"), await scene.Rest.Member("eve"));
        var (left, ended) = (await Group(ann, eve), await Group(ann, eve));
        var closed = Guid.Parse((await scene.Owner.Post("/api/channels", new { name = "closed", @private = true, member_ids = new[] { eve.Id } })).Text("id"));
        var places = new Dictionary<Guid, (string Message, Guid Media)>();
        foreach (var (place, by, kind) in ((Guid, RestScene.Person, string)[])[(left, ann, "conversations"), (ended, ann, "conversations"), (closed, scene.Owner, "channels")])
        {
            var media = await FileScene.Uploaded(by, MediaSamples.Png(content: place.ToString()));
            places[place] = ((await by.Post($"/api/{kind}/{place}/messages", new { content = "findable words", media_ids = new[] { media } })).Text("id"), media);
        }

        while ((await eve.Get("/api/search?q=findable")).Items("id").Length < places.Count) await Task.Delay(5, TestContext.Current.CancellationToken);

        await eve.Delete($"/api/conversations/{left}/members/{eve.Id}");
        foreach (var person in (RestScene.Person[])[ann, eve]) await person.Delete($"/api/conversations/{ended}/members/{person.Id}");
        await scene.Owner.Delete($"/api/channels/{closed}");

        foreach (var (place, (message, media)) in places)
        {
            foreach (var path in (string[])["/api/conversations/{0}", "/api/conversations/{0}/members", "/api/conversations/{0}/messages?include_deleted=true", "/api/conversations/{0}/messages/{1}/receipts",
                "/api/channels/{0}", "/api/channels/{0}/messages", "/api/channels/{0}/last-read", "/api/messages/{1}/reactions", "/api/search?q=findable&conversation_id={0}"])
                Assert.Equal($"404 not_found {path}", $"{(await eve.Get(At(path, place, message))).Refusal} {path}");
            Assert.Equal("404 not_found", (await eve.Get($"/api/media/{media}")).Refusal);
        }
        foreach (var partial in (bool[])[true, false])
        {
            var synced = (await eve.Post("/api/sync", new { conversations = places.Keys.ToDictionary(id => id.ToString(), _ => 1), partial, receipts_since = 0 })).Json;
            Assert.Equal(places.Keys.Order(), synced.GetProperty("removed").EnumerateArray().Select(id => id.GetGuid()).Order());
            Assert.DoesNotContain(places.Keys, id => $"{synced.GetProperty("changed")}{synced.GetProperty("added")}{synced.GetProperty("receipts")}".Contains(id.ToString(), StringComparison.Ordinal));
        }
        Assert.Empty((await eve.Get("/api/search?q=findable")).Items("id"));
    }

    // Attacks 16 and 18: fields that a route does not name, above all those by which somebody would become more than they are.
    [Theory, EachDatabase]
    public async Task A_field_that_a_route_does_not_name_changes_nothing(Engine engine)
    {
        const string More = """
            "id":"ID","sender_id":"ID","user_id":"USER","creator_id":"USER","owner_id":"USER","role":"admin","is_owner":true,"kind":"channel","state":"removed","revision":99,"server_sequence":99,
            "last_sequence":99,"created_at":1,"joined_at":1,"edited":true,"deleted":true,"flagged":true,"hidden":true,"request":{"state":"accepted"},"__proto__":{"role":"admin"}
            """;
        await using var scene = await RestScene.Start(engine);
        var (ann, bob) = (await scene.Member("ann"), await scene.Member("bob"));
        var group = await Group(ann, bob);
        string With(string fields) => $"{{{fields},{More.Replace("ID", Nothing.ToString()).Replace("USER", scene.Owner.Id.ToString())}}}";
        string Without(string fields, string named) => With(fields).Replace($"\"{named}\":\"{(named == "user_id" ? scene.Owner.Id.ToString() : "admin")}\",", "");

        var posted = (await bob.Post($"/api/conversations/{group}/messages", With("\"content\":\"words\""))).Json;
        Assert.Equal($"""["{bob.Id}","text",2,false,false]""", Fields(posted, "sender_id", "type", "server_sequence", "edited", "deleted"));
        Assert.NotEqual(Nothing, posted.GetProperty("id").GetGuid());
        var path = $"/api/conversations/{group}/messages/{posted.GetProperty("id").GetGuid()}";
        Assert.Equal($"""["{bob.Id}",2,true,false]""", Fields((await bob.Put(path, With("\"content\":\"others\""))).Json, "sender_id", "server_sequence", "edited", "deleted"));
        Assert.Equal("403 forbidden", (await bob.Patch($"/api/conversations/{group}", With("\"name\":\"mine\""))).Refusal);
        var renamed = (await ann.Patch($"/api/conversations/{group}", With("\"name\":\"Coffee\""))).Json;
        Assert.Equal($"""["{group}","Coffee","group","{ann.Id}",3,2]""", Fields(renamed, "id", "name", "kind", "creator_id", "last_sequence", "member_count"));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Patch($"/api/conversations/{group}/members/{bob.Id}", Without("\"role\":\"member\"", "role"))).Status);
        Assert.Equal("""["member","all",false]""", Fields((await bob.Put($"/api/conversations/{group}/mute", With("\"until\":null"))).Json, "role", "notifications", "hidden"));
        Assert.Equal($"{ann.Id} admin, {bob.Id} member", await Roles(ann, group));

        var direct = (await ann.Post("/api/conversations", Without($"\"type\":\"direct\",\"user_id\":\"{bob.Id}\"", "user_id"))).Json;
        Assert.Equal($"""["direct","{ann.Id}",0,2]""", Fields(direct, "kind", "creator_id", "last_sequence", "member_count"));
        await ann.Post($"/api/conversations/{direct.GetProperty("id").GetGuid()}/messages", With("\"content\":\"may I?\""));
        Assert.Equal("pending", (await bob.Get("/api/message-requests")).Json.GetProperty("items")[0].GetProperty("state").GetString());
    }

    // Attacks 19 and 20: lists are one's own, and no answer holds what is for the server alone.
    [Theory, EachDatabase]
    public async Task Lists_show_a_stranger_nothing_and_no_answer_holds_a_secret(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob, eve) = (await scene.Member("ann"), await scene.Member("bob"), await scene.Member("eve"));
        var group = await Group(ann, bob);
        var direct = (await ann.Post("/api/conversations", new { type = "direct", user_id = bob.Id })).Text("id");
        await ann.Post($"/api/conversations/{direct}/messages", new { content = "findable words" });
        await ann.Call(HttpMethod.Post, "/api/media", MediaSamples.Png());
        string[] paths =
        [
            "/api/conversations", "/api/conversations?state=requests", "/api/conversations?state=hidden", "/api/message-requests", "/api/search?q=findable", "/api/channels", "/api/users/me/blocks",
            "/api/users", "/api/users/me", "/api/auth/sessions", "/api/presence", "/api/server",
        ];

        foreach (var path in paths[..5]) Assert.Equal($"[] {path}", $"{(await eve.Get(path)).Json.GetProperty("items")} {path}");
        foreach (var person in (RestScene.Person[])[ann, bob, eve])
        {
            foreach (var answer in await Task.WhenAll(paths.Select(person.Get).Append(person.Post("/api/sync", """{"conversations":{},"receipts_since":0}"""))))
            {
                Assert.Equal(HttpStatusCode.OK, answer.Status);
                Assert.DoesNotContain(Names(answer.Json), name => ((string[])["secret", "hash", "token", "sha256"]).Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)));
                if (person == eve) Assert.DoesNotContain((string[])[group.ToString(), direct], id => answer.Body.Contains(id, StringComparison.Ordinal));
            }
        }
    }

    // Attack 78: names that mean something to a program are words like others, and no ids.
    [Theory, EachDatabase]
    public async Task Names_of_programs_are_words_and_no_ids(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        foreach (var name in (string[])["__proto__", "constructor", "toString"])
        {
            var group = await ann.Post("/api/conversations", new { type = "group", name, member_ids = Array.Empty<Guid>() });
            Assert.Equal(name, (await ann.Get($"/api/conversations/{group.Text("id")}")).Text("name"));
            Assert.Equal("404 not_found", (await ann.Get($"/api/conversations/{name}")).Refusal);
            Assert.Equal("404 not_found", (await ann.Post($"/api/messages/{name}/reactions", new { emoji = "like" })).Refusal);
            Assert.Equal("400 validation_failed conversations", (await ann.Post("/api/sync", $$$"""{"conversations":{"{{{name}}}":1}}""")).Refusal);
            var message = (await ann.Post($"/api/conversations/{group.Text("id")}/messages", new { content = name, client_id = name })).Text("id");
            Assert.Equal("400 validation_failed emoji", (await ann.Post($"/api/messages/{message}/reactions", new { emoji = name })).Refusal);
        }
    }

    private static async Task<Guid> Group(RestScene.Person admin, params RestScene.Person[] others) =>
        Guid.Parse((await admin.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = others.Select(other => other.Id) })).Text("id"));

    private static async Task<string> State(RestScene.Person ann, Guid group, string message) =>
        string.Concat((await Task.WhenAll(new[] { "", "/members", "/messages", $"/messages/{message}/receipts" }.Select(path => ann.Get($"/api/conversations/{group}{path}")))).Select(answer => answer.Body));

    private static async Task<string> Roles(RestScene.Person ann, Guid group) => string.Join(", ", (await ann.Get($"/api/conversations/{group}/members")).Json.GetProperty("items").EnumerateArray()
        .OrderBy(member => member.GetProperty("role").GetString()).Select(member => $"{member.GetProperty("user_id").GetGuid()} {member.GetProperty("role").GetString()}"));

    private static IEnumerable<string> Names(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property => Names(property.Value).Prepend(property.Name)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    private static string At(string path, Guid conversation, object message) => string.Format(CultureInfo.InvariantCulture, path, conversation, message);

    private static bool About(SocketIoPush push, Guid conversation) => push.Payload.ToString().Contains(conversation.ToString(), StringComparison.Ordinal);

    private static string Fields(JsonElement json, params string[] names) => $"[{string.Join(',', names.Select(name => json.GetProperty(name).GetRawText()))}]";
}
