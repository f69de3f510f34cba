using System.Net;
using System.Text.Json;
using United.Core;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>Groups and direct conversations as a client without our code sees them: names, statuses, shapes.</summary>
public sealed class ConversationsApiTests
{
    private static readonly string Nothing = Ids.New(TimeProvider.System).ToString();

    [Theory, EachDatabase]
    public async Task Direct_conversation_is_made_once_and_found_again(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob) = (await scene.Member("ann"), await scene.Member("bob"));

        var made = await ann.Post("/api/conversations", new { type = "direct", user_id = bob.Id });
        var found = await bob.Post("/api/conversations", new { type = "direct", user_id = ann.Id });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.Status, found.Status));
        Assert.Equal(made.Text("id"), found.Text("id"));
        Assert.Equal($$"""["direct","","{{ann.Id}}",null,2,{"role":"member","muted_until":null,"notifications":"all","hidden":false,"hidden_sequence":0},absent,absent,0]""",
            Fields(made.Json, "kind", "name", "creator_id", "avatar_media_id", "member_count", "settings", "request", "last_message", "unread_count"));
        Assert.Equal(made.Body, (await ann.Get("/api/conversations/" + made.Text("id"))).Body);
        Assert.Equal("404 not_found", (await scene.Owner.Get("/api/conversations/" + made.Text("id"))).Refusal);
        Assert.Equal("400 validation_failed user_id", (await ann.Post("/api/conversations", new { type = "direct", user_id = ann.Id })).Refusal);
        Assert.Equal("404 not_found", (await ann.Post("/api/conversations", new { type = "direct", user_id = Nothing })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Blocked_and_unwanted_are_refused_with_the_same_bytes(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob, eve) = (await scene.Member("ann"), await scene.Member("bob"), await scene.Member("eve"));
        Assert.Equal(HttpStatusCode.NoContent, (await bob.Put($"/api/users/{ann.Id}/block")).Status);
        Assert.Equal(HttpStatusCode.OK, (await eve.Patch("/api/users/me", new { messaging_access = "nobody" })).Status);

        var (blocked, unwanted) = (await ann.Post("/api/conversations", new { type = "direct", user_id = bob.Id }), await ann.Post("/api/conversations", new { type = "direct", user_id = eve.Id }));

        Assert.Equal("403 forbidden", blocked.Refusal);
        Assert.Equal(blocked.Body, unwanted.Body);
        Assert.Equal("403 forbidden member_ids[1]", (await ann.Post("/api/conversations", new { type = "group", name = "g", member_ids = new[] { scene.Owner.Id, bob.Id } })).Refusal);
        Assert.Empty((await ann.Get("/api/conversations")).Items("id"));
    }

    [Theory, EachDatabase]
    public async Task Group_lives_from_its_making_to_its_end(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob, eve) = (await scene.Member("ann"), await scene.Member("bob"), await scene.Member("eve"));

        var made = await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id }, creator_id = bob.Id, role = "member" });
        var group = "/api/conversations/" + made.Text("id");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal($"""["group","Tea","{ann.Id}",2,"admin"]""", Fields(made.Json, "kind", "name", "creator_id", "member_count")[..^1] + $",\"{made.Json.GetProperty("settings").GetProperty("role").GetString()}\"]");
        Assert.Equal("created the group “Tea”", made.Json.GetProperty("last_message").GetProperty("content").GetString());

        var renamed = await ann.Patch(group, new { name = "Coffee", kind = "channel" });
        Assert.Equal("""["Coffee","group"]""", Fields(renamed.Json, "name", "kind"));
        Assert.Equal("403 forbidden", (await bob.Patch(group, new { name = "mine" })).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Post(group + "/members", new { user_id = eve.Id, role = "admin" })).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Patch($"{group}/members/{bob.Id}", new { role = "admin" })).Status);
        Assert.Equal(["admin", "admin", "admin"], (await eve.Get(group + "/members")).Items("role"));
        Assert.Equal(HttpStatusCode.NoContent, (await bob.Delete($"{group}/members/{ann.Id}")).Status);
        Assert.Equal("404 not_found", (await ann.Get(group)).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await bob.Delete($"{group}/members/{bob.Id}")).Status);
        Assert.Equal(1, (await eve.Get(group)).Number("member_count"));
        Assert.Equal("409 conflict", (await eve.Patch($"{group}/members/{eve.Id}", new { role = "member" })).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await eve.Delete($"{group}/members/{eve.Id}")).Status);
        Assert.Empty((await eve.Get("/api/conversations")).Items("id"));
    }

    [Theory, EachDatabase]
    public async Task Picture_of_a_group_is_put_up_and_taken_away(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var group = "/api/conversations/" + (await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = Array.Empty<Guid>() })).Text("id");
        var picture = Ids.New(TimeProvider.System);
        await scene.Core.Database.Write(sql => sql.Execute(
            "insert into media (id, owner_id, sha256, type, content_type, size, created_at) values (@id, @owner, @hash, 1, 'image/png', 1, 0)",
            ("id", picture), ("owner", ann.Id), ("hash", new byte[32])));

        Assert.Equal($"""["Tea","{picture}"]""", Fields((await ann.Patch(group, new { avatar_media_id = picture })).Json, "name", "avatar_media_id"));
        Assert.Equal($"""["Coffee","{picture}"]""", Fields((await ann.Patch(group, new { name = "Coffee" })).Json, "name", "avatar_media_id"));
        Assert.Equal("400 validation_failed avatar_media_id", (await ann.Patch(group, new { avatar_media_id = Guid.Empty })).Refusal); // as of a user
        Assert.Equal("""["Coffee",null]""", Fields((await ann.Patch(group, new { avatar_media_id = (Guid?)null })).Json, "name", "avatar_media_id"));
    }

    [Theory, EachDatabase]
    public async Task Who_deletes_their_account_leaves_their_groups(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob) = (await scene.Member("ann"), await scene.Member("bob"));
        var group = "/api/conversations/" + (await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id } })).Text("id");

        Assert.Equal(HttpStatusCode.NoContent, (await ann.Delete("/api/users/me")).Status);

        var left = await bob.Get(group);
        Assert.Equal((1, "admin"), (left.Number("member_count"), left.Json.GetProperty("settings").GetProperty("role").GetString()));
    }

    [Theory, EachDatabase]
    public async Task Messages_go_through_the_same_routes_as_in_channels(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob) = (await scene.Member("ann"), await scene.Member("bob"));
        var group = (await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id } })).Text("id");
        var at = $"/api/conversations/{group}/messages";

        var posted = await bob.Post(at, new { content = "hello", client_id = "c1" });
        Assert.Equal((HttpStatusCode.Created, group, "text"), (posted.Status, posted.Text("conversation_id"), posted.Text("type")));
        Assert.Equal("changed", (await bob.Put($"{at}/{posted.Text("id")}", new { content = "changed" })).Text("content"));
        Assert.Equal("403 forbidden", (await ann.Put($"{at}/{posted.Text("id")}", new { content = "mine" })).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Delete($"{at}/{posted.Text("id")}")).Status); // an admin of the group
        Assert.Equal(["created the group “Tea”"], (await bob.Get(at)).Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()));
    }

    [Theory, EachDatabase]
    public async Task List_goes_on_from_page_to_page_the_most_recent_first(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob) = (await scene.Member("ann"), await scene.Member("bob"));
        var (groups, made) = (new List<string>(), 0L);
        for (var i = 0; i < 5; i++)
        {
            var group = await ann.Post("/api/conversations", new { type = "group", name = $"{i}", member_ids = new[] { bob.Id } });
            groups.Add(group.Text("id"));
            made = group.Json.GetProperty("created_at").GetInt64();
        }
        // Those of one millisecond stand in the order of their ids.
        while ((await bob.Post($"/api/conversations/{groups[0]}/messages", new { content = "hello" })).Json.GetProperty("timestamp").GetInt64() == made)
        {
        }

        var all = (await ann.Get("/api/conversations")).Items("id");
        var (paged, next) = (new List<string>(), "");
        do
        {
            var page = await ann.Get($"/api/conversations?limit=2{next}");
            paged.AddRange(page.Items("id"));
            next = page.Json.TryGetProperty("next", out var cursor) ? "&cursor=" + cursor.GetString() : "";
        }
        while (next.Length > 0);

        Assert.Equal(groups[0], all[0]);
        Assert.Equal(groups.Order(StringComparer.Ordinal), all.Order(StringComparer.Ordinal));
        Assert.Equal(all, paged);
    }

    [Theory, EachDatabase]
    public async Task What_one_device_hides_and_mutes_is_hidden_and_muted_on_the_other(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob) = (await scene.Member("ann"), await scene.Member("bob"));
        var group = (await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { bob.Id } })).Text("id");
        var known = new Dictionary<string, long> { [group] = 4 };
        var since = (await bob.Post("/api/sync", new { conversations = known, receipts_since = 0 })).Number("server_time");

        Assert.Equal("""{"role":"member","muted_until":4102444800000,"notifications":"all","hidden":false,"hidden_sequence":0}""", (await bob.Put($"/api/conversations/{group}/mute", new { until = 4_102_444_800_000 })).Body);
        Assert.Equal("none", (await bob.Put($"/api/conversations/{group}/notifications", new { level = "none" })).Text("notifications"));
        Assert.Equal(HttpStatusCode.NoContent, (await bob.Delete($"/api/conversations/{group}")).Status);

        var changed = Assert.Single((await bob.Post("/api/sync", new { conversations = known, receipts_since = since })).Json.GetProperty("changed").EnumerateArray());
        Assert.Equal("""[{"role":"member","muted_until":4102444800000,"notifications":"none","hidden":true,"hidden_sequence":1}]""", Fields(changed, "settings"));
        Assert.Empty((await bob.Get("/api/conversations")).Items("id"));
        Assert.Equal([group], (await bob.Get("/api/conversations?state=hidden")).Items("id"));
        Assert.Equal([group], (await ann.Get("/api/conversations")).Items("id"));
        Assert.Equal("""[null]""", Fields((await bob.Put($"/api/conversations/{group}/mute", new { until = (long?)null })).Json, "muted_until"));
    }

    [Theory, EachDatabase]
    public async Task Outsiders_are_answered_to_the_byte_as_by_one_that_does_not_exist(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob, eve) = (await scene.Member("ann"), await scene.Member("bob"), await scene.Member("eve"));
        var group = (await ann.Post("/api/conversations", new { type = "group", name = "Tea", member_ids = new[] { eve.Id } })).Text("id");
        var message = (await ann.Post($"/api/conversations/{group}/messages", new { content = "x" })).Text("id");
        await ann.Delete($"/api/conversations/{group}/members/{eve.Id}");

        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])
        [
            (HttpMethod.Get, "", null), (HttpMethod.Patch, "", new { name = "mine" }), (HttpMethod.Delete, "", null), (HttpMethod.Put, "/mute", new { until = 1 }),
            (HttpMethod.Put, "/notifications", new { level = "all" }), (HttpMethod.Get, "/members", null), (HttpMethod.Post, "/members", new { user_id = bob.Id }),
            (HttpMethod.Patch, $"/members/{ann.Id}", new { role = "member" }), (HttpMethod.Delete, $"/members/{ann.Id}", null), (HttpMethod.Get, "/messages", null),
            (HttpMethod.Post, "/messages", new { content = "hi" }), (HttpMethod.Put, $"/messages/{message}", new { content = "hi" }), (HttpMethod.Delete, $"/messages/{message}", null),
            (HttpMethod.Put, "/read", new { sequence = 1 }), (HttpMethod.Put, "/delivered", new { sequence = 1 }),
        ])
        {
            foreach (var outsider in (RestScene.Person[])[bob, eve, scene.Owner])
            {
                var hidden = await outsider.Call(method, $"/api/conversations/{group}{path}", body);
                Assert.Equal($"404 not_found {method} {path}", $"{hidden.Refusal} {method} {path}");
                Assert.Equal((await outsider.Call(method, $"/api/conversations/{Nothing}{path}", body)).Body, hidden.Body);
            }
        }
        Assert.Equal("404 not_found", (await eve.Delete($"/api/conversations/{group}/members/{eve.Id}")).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Encrypted_conversation_takes_no_plain_words(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ann, bob) = (await scene.Member("ann"), await scene.Member("bob"));
        var direct = (await ann.Post("/api/conversations", new { type = "direct", user_id = bob.Id })).Text("id");
        var message = (await ann.Post($"/api/conversations/{direct}/messages", new { content = "x" })).Text("id");
        await scene.Core.Database.Write(sql => sql.Execute("update conversations set kind = 4 where id = @id", ("id", Guid.Parse(direct))));
        var at = $"/api/conversations/{direct}";

        Assert.Equal("409 encrypted_conversation", (await ann.Post(at + "/messages", new { content = "y" })).Refusal);
        Assert.Equal("409 encrypted_conversation", (await ann.Put($"{at}/messages/{message}", new { content = "y" })).Refusal);
        Assert.Equal("409 encrypted_conversation", (await bob.Post($"/api/messages/{message}/reactions", new { emoji = "like" })).Refusal);
        Assert.Equal(HttpStatusCode.OK, (await bob.Get(at + "/messages")).Status);
        Assert.Equal(HttpStatusCode.OK, (await bob.Put(at + "/mute", new { until = 4_102_444_800_000 })).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await bob.Delete(at)).Status);
        Assert.Equal(["dm"], (await ann.Get("/api/conversations")).Items("kind"));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Delete($"{at}/messages/{message}")).Status);
    }

    private static string Fields(JsonElement json, params string[] names) =>
        $"[{string.Join(',', names.Select(name => json.TryGetProperty(name, out var value) ? value.GetRawText() : "absent"))}]";
}
