using System.Net;
using System.Text.Json;
using United.Core;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>The routes of chat as a client without our code sees them: names, statuses, shapes.</summary>
public sealed class ChatApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Channel_is_made_shown_changed_and_deleted(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var owner = scene.Owner;

        var made = await owner.Post("/api/channels", new { name = "news", topic = "what is new", category = "Talk", read_only = true });
        var channel = "/api/channels/" + made.Text("id");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("""["channel","news","what is new","Talk",true,false,0,0,0]""",
            Fields(made.Json, "kind", "name", "topic", "category", "read_only", "private", "last_sequence", "last_read", "unread_count"));
        var list = await owner.Get("/api/channels");
        Assert.Equal(["general", "news"], list.Items("name"));
        Assert.False(list.Json.TryGetProperty("next", out _));

        var changed = await owner.Patch(channel, new { topic = "", @private = true });
        Assert.Equal("""["news","",true]""", Fields(changed.Json, "name", "topic", "private"));
        Assert.Equal(changed.Body, (await owner.Get(channel)).Body);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.Delete(channel)).Status);
        Assert.Equal("404 not_found", (await owner.Get(channel)).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Private_channel_answers_outsiders_to_the_byte_as_one_that_does_not_exist(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var bob = await scene.Member("bob");
        var (secret, nothing) = ((await scene.Owner.Post("/api/channels", new { name = "secret", @private = true })).Text("id"), Ids.New(TimeProvider.System).ToString());
        var message = (await scene.Owner.Post($"/api/channels/{secret}/messages", new { content = "x" })).Text("id");

        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])
        [
            (HttpMethod.Get, "", null), (HttpMethod.Patch, "", new { name = "mine" }), (HttpMethod.Delete, "", null), (HttpMethod.Get, "/messages", null),
            (HttpMethod.Post, "/messages", new { content = "hi" }), (HttpMethod.Put, $"/messages/{message}", new { content = "hi" }), (HttpMethod.Delete, $"/messages/{message}", null),
            (HttpMethod.Get, "/last-read", null), (HttpMethod.Put, "/last-read", new { last_sequence = 1 }),
            (HttpMethod.Put, $"/members/{bob.Id}", null), (HttpMethod.Delete, $"/members/{bob.Id}", null),
        ])
        {
            var hidden = await bob.Call(method, $"/api/channels/{secret}{path}", body);
            Assert.Equal($"404 not_found {path}", $"{hidden.Refusal} {path}");
            Assert.Equal((await bob.Call(method, $"/api/channels/{nothing}{path}", body)).Body, hidden.Body);
        }
        Assert.Equal("404 not_found", (await bob.Get($"/api/messages/{message}/reactions")).Refusal);
        Assert.Equal("404 not_found", (await bob.Post($"/api/messages/{message}/reactions", new { emoji = "+" })).Refusal);
        Assert.Equal("404 not_found", (await scene.Call(null, HttpMethod.Get, $"/api/messages/{message}/reactions")).Refusal);

        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Put($"/api/channels/{secret}/members/{bob.Id}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await bob.Get($"/api/channels/{secret}/messages")).Status);
        Assert.Equal("403 forbidden", (await bob.Patch($"/api/channels/{secret}", new { name = "mine" })).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await bob.Delete($"/api/channels/{secret}/members/{bob.Id}")).Status);
        Assert.Equal("404 not_found", (await bob.Get($"/api/channels/{secret}/messages")).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Message_is_posted_answered_edited_and_deleted(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (owner, bob) = (scene.Owner, await scene.Member("bob"));
        var channel = await General(scene);
        var at = $"/api/channels/{channel}/messages";

        var first = await owner.Post(at, new { content = $"hello @user:{bob.Id}", client_id = "c1" });
        var id = first.Text("id");
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal($"""["{channel}","{owner.Id}","{owner.User.PublicKey}","text",1,2,"c1",false,false,null,null,["{bob.Id}"],[],[],null,false]""",
            Fields(first.Json, "channel_id", "sender_id", "sender_pubkey", "type", "server_sequence", "revision", "client_id", "edited", "deleted", "edit_timestamp",
                "reply_to", "mention_user_ids", "mention_role_ids", "media", "shared_post", "flagged"));
        var again = await owner.Post(at, new { content = "something else", client_id = "c1" });
        Assert.Equal((HttpStatusCode.Created, first.Body), (again.Status, again.Body));

        var reply = await bob.Post(at, new { content = "hi", reply_to_id = id });
        Assert.Equal($$"""{"id":"{{id}}","server_sequence":1,"sender_id":"{{owner.Id}}","excerpt":"hello @user:{{bob.Id}}","deleted":false}""", reply.Json.GetProperty("reply_to").GetRawText());
        Assert.False(reply.Json.TryGetProperty("flagged", out _));

        var edited = await owner.Put($"{at}/{id}", new { content = "changed" });
        Assert.Equal("""["changed",true,4]""", Fields(edited.Json, "content", "edited", "revision"));
        Assert.Equal("403 forbidden", (await bob.Put($"{at}/{id}", new { content = "mine" })).Refusal);
        Assert.Equal("403 forbidden", (await bob.Delete($"{at}/{id}")).Refusal);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.Delete($"{at}/{id}")).Status);
        var page = await bob.Get(at);
        Assert.Equal([2L], Sequences(page));
        page = await bob.Get(at + "?include_deleted=true&limit=1&after=0");
        Assert.Equal("""["",true]""", Fields(page.Json.GetProperty("messages")[0], "content", "deleted"));
        Assert.Equal("[true,absent,absent]", Fields(page.Json, "has_more", "has_before", "has_after"));
        Assert.Equal("[true,true,false]", Fields((await bob.Get(at + "?around=2&limit=1&include_deleted=true")).Json, "has_more", "has_before", "has_after"));
    }

    [Theory, EachDatabase]
    public async Task Reactions_are_grouped_by_emoji(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (owner, bob) = (scene.Owner, await scene.Member("bob"));
        var message = (await owner.Post($"/api/channels/{await General(scene)}/messages", new { content = "x" })).Text("id");
        var at = $"/api/messages/{message}/reactions";

        Assert.Equal(HttpStatusCode.Created, (await bob.Post(at, new { emoji = "👍" })).Status);
        Assert.Equal(HttpStatusCode.OK, (await bob.Post(at, new { emoji = "👍" })).Status);
        var both = await owner.Post(at, new { emoji = "👍" });
        await owner.Post(at, new { emoji = "party_parrot" });

        Assert.Equal($"""["\uD83D\uDC4D",2,["{bob.Id}","{owner.Id}"],["{bob.User.PublicKey}","{owner.User.PublicKey}"],true]""",
            Fields(both.Json[0], "emoji", "count", "user_ids", "user_pubkeys", "me"));
        Assert.Equal("""[false]""", Fields((await bob.Get(at)).Json[1], "me"));
        var nobody = await scene.Call(null, HttpMethod.Get, at);
        Assert.Equal("""["party_parrot",1,absent]""", Fields(nobody.Json[1], "emoji", "count", "me"));
        Assert.Equal(1, (await bob.Delete($"{at}/{Uri.EscapeDataString("👍")}")).Json[0].GetProperty("count").GetInt32());
        Assert.Single((await owner.Post(at, new { emoji = "party_parrot", toggle = true })).Json.EnumerateArray());
    }

    [Theory, EachDatabase]
    public async Task Watermarks_move_forward_only(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var bob = await scene.Member("bob");
        var channel = await General(scene);
        for (var i = 0; i < 3; i++) await scene.Owner.Post($"/api/channels/{channel}/messages", new { content = "x" });
        var at = $"/api/channels/{channel}/last-read";

        Assert.Equal("""{"last_sequence":0}""", (await bob.Get(at)).Body);
        Assert.Equal("""{"last_sequence":2}""", (await bob.Put(at, new { last_sequence = 2 })).Body);
        Assert.Equal("""{"last_sequence":2}""", (await bob.Put(at, new { last_sequence = 1 })).Body);
        Assert.Equal("""{"last_sequence":3}""", (await bob.Put(at, new { last_sequence = 99 })).Body);
        Assert.Equal("""{"sequence":3}""", (await bob.Put($"/api/conversations/{channel}/read", new { sequence = 1 })).Body);
        Assert.Equal("""{"sequence":1}""", (await bob.Put($"/api/conversations/{channel}/delivered", new { sequence = 1 })).Body);
    }

    [Theory, EachDatabase]
    public async Task Sync_answers_what_changed_was_added_and_removed(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var owner = scene.Owner;
        var (general, news) = (await General(scene), (await owner.Post("/api/channels", new { name = "news" })).Text("id"));
        await owner.Post($"/api/channels/{general}/messages", new { content = "x" });
        var gone = Ids.New(TimeProvider.System).ToString();

        var answer = await owner.Post("/api/sync", new { conversations = new Dictionary<string, long> { [general] = 1, [gone] = 7 }, receipts_since = 0 });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var changed = Assert.Single(answer.Json.GetProperty("changed").EnumerateArray());
        Assert.Equal($"""["{general}",2,1,0,0,1,absent,[],false]""",
            Fields(changed, "conversation_id", "revision", "last_sequence", "unread_count", "mention_count", "last_read", "conversation", "members", "truncated"));
        Assert.Equal("x", changed.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal($"""["{news}","news"]""", Fields(Assert.Single(answer.Json.GetProperty("added").EnumerateArray()), "id", "name"));
        Assert.Equal($"""["{gone}"]""", answer.Json.GetProperty("removed").GetRawText());
        Assert.Equal($"""["{owner.Id}","read",1]""", Fields(Assert.Single(answer.Json.GetProperty("receipts").EnumerateArray()), "user_id", "kind", "sequence"));
        Assert.Equal((await owner.Get("/api/server")).Text("log_epoch"), answer.Text("log_epoch"));
        Assert.Equal("false", Fields(answer.Json, "more").Trim('[', ']'));
    }

    [Theory, EachDatabase]
    public async Task Search_finds_what_was_posted_and_goes_on_from_page_to_page(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var channel = await General(scene);
        foreach (var text in (string[])["a Needle", "no hay", "two needles"]) await scene.Owner.Post($"/api/channels/{channel}/messages", new { content = text });
        await scene.Core.SearchFollower.CatchUp(null, Ct);
        var query = $"/api/search?q=needle&conversation_id={channel}&from={scene.Owner.Id}&limit=1";

        var first = await scene.Owner.Get(query);
        var second = await scene.Owner.Get($"{query}&cursor={first.Text("next")}");

        Assert.Equal(["a Needle", "two needles"], first.Items("content").Concat(second.Items("content")).Order(StringComparer.Ordinal));
        Assert.False(second.Json.TryGetProperty("next", out _));
    }

    private static async Task<string> General(RestScene scene) => Assert.Single((await scene.Owner.Get("/api/channels")).Items("id"));

    private static long[] Sequences(Answered page) => [.. page.Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("server_sequence").GetInt64())];

    private static string Fields(JsonElement json, params string[] names) =>
        $"[{string.Join(',', names.Select(name => json.TryGetProperty(name, out var value) ? value.GetRawText() : "absent"))}]";
}
