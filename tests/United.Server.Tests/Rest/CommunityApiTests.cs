using System.Net;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>Invitations, roles, moderation, settings.</summary>
public sealed class CommunityApiTests
{
    [Theory, EachDatabase]
    public async Task An_invitation_is_made_shown_used_and_revoked(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");

        var made = await scene.Owner.Post("/api/invites", new { expires_in = 3600, max_uses = 2 });
        Assert.Equal((HttpStatusCode.Created, 32, 2L, 0L, "member"), (made.Status, made.Text("code").Length, made.Number("max_uses"), made.Number("uses"), made.Text("role")));
        Assert.Equal(3_600_000, made.Number("expires_at") - made.Number("created_at"));
        var preview = await scene.Call(null, HttpMethod.Get, "/api/invites/" + made.Text("code"));
        Assert.Equal(("United", "owner"), (preview.Text("server_name"), preview.Text("inviter_name")));
        var registered = await scene.Post("/api/auth/register", new { username = "bob", display_name = "Bob", password = RestScene.Password, invite_code = made.Text("code") });
        Assert.Equal(HttpStatusCode.Created, registered.Status);

        var listed = await scene.Owner.Get("/api/invites?limit=1");
        Assert.Equal([made.Text("id")], listed.Items("id"));
        Assert.Equal(["1"], listed.Items("uses"));
        Assert.DoesNotContain("code", listed.Body, StringComparison.Ordinal);
        Assert.Equal("403 forbidden", (await ann.Get("/api/invites")).Refusal);
        Assert.Equal("403 forbidden", (await ann.Post("/api/invites", new { })).Refusal);
        Assert.Equal("403 forbidden", (await ann.Delete("/api/invites/" + made.Text("code"))).Refusal);
        Assert.Equal("400 validation_failed role", (await scene.Owner.Post("/api/invites", new { role = "god" })).Refusal);
        Assert.Equal("403 forbidden role", (await scene.Owner.Post("/api/invites", new { role = "owner" })).Refusal);

        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Delete("/api/invites/" + made.Text("code"))).Status);
        Assert.Equal("404 not_found", (await scene.Call(null, HttpMethod.Get, "/api/invites/" + made.Text("code"))).Refusal);
        Assert.Equal("403 invite_invalid", (await scene.Post("/api/auth/register", new { username = "carol", display_name = "C", password = RestScene.Password, invite_code = made.Text("code") })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task A_role_is_made_given_taken_and_deleted(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");

        var made = await scene.Owner.Post("/api/roles", new { name = "Mods", colour = "#00ff00", position = 5, permissions = new[] { "manage_messages", "manage_members" } });
        var role = made.Text("id");
        Assert.Equal((HttpStatusCode.Created, "Mods", "#00ff00", 5L), (made.Status, made.Text("name"), made.Text("colour"), made.Number("position")));
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Put($"/api/roles/{role}/members/{ann.Id}")).Status);
        Assert.Contains("manage_messages", (await ann.Get("/api/users/me")).Body, StringComparison.Ordinal);
        Assert.Equal([role], (await ann.Get("/api/roles")).Items("id"));

        Assert.Equal("403 forbidden", (await ann.Post("/api/roles", new { name = "Mine" })).Refusal);
        Assert.Equal("403 forbidden", (await ann.Patch($"/api/roles/{role}", new { permissions = new[] { "manage_server" } })).Refusal);
        Assert.Equal("403 forbidden", (await ann.Put($"/api/roles/{role}/members/{ann.Id}")).Refusal);
        Assert.Equal("403 forbidden", (await ann.Delete($"/api/roles/{role}")).Refusal);
        Assert.Equal("400 validation_failed permissions", (await scene.Owner.Post("/api/roles", new { name = "X", permissions = new[] { "everything" } })).Refusal);
        Assert.Equal("409 name_taken name", (await scene.Owner.Post("/api/roles", new { name = "MODS" })).Refusal);

        var changed = await scene.Owner.Patch($"/api/roles/{role}", new { colour = "", permissions = Array.Empty<string>() });
        Assert.Equal("Mods", changed.Text("name"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, changed.Json.GetProperty("colour").ValueKind);
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Delete($"/api/roles/{role}/members/{ann.Id}")).Status);
        Assert.Equal("404 not_found", (await scene.Owner.Delete($"/api/roles/{role}/members/{ann.Id}")).Refusal);
        Assert.Equal("404 not_found", (await scene.Owner.Put($"/api/roles/{role}/members/{Guid.CreateVersion7()}")).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Delete($"/api/roles/{role}")).Status);
        Assert.Equal("404 not_found", (await scene.Owner.Patch($"/api/roles/{role}", new { name = "X" })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Who_is_suspended_is_out_at_once_with_a_token_that_is_still_good(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        Assert.Equal(HttpStatusCode.OK, (await ann.Get("/api/users/me")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Post($"/api/users/{ann.Id}/suspend")).Status);

        Assert.Equal("401 session_ended", (await ann.Get("/api/users/me")).Refusal);
        Assert.Equal("401 session_ended", (await scene.Post("/api/auth/refresh", new { refresh_token = ann.User.RefreshToken })).Refusal);
        Assert.Equal("401 invalid_credentials", (await scene.Post("/api/auth/verify", await scene.Proof(ann.User.Seed))).Refusal);
        Assert.True((await scene.Owner.Get($"/api/users/{ann.Id}")).Json.GetProperty("suspended").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Post($"/api/users/{ann.Id}/unsuspend")).Status);
        Assert.Equal(HttpStatusCode.OK, (await scene.Post("/api/auth/verify", await scene.Proof(ann.User.Seed))).Status);
    }

    [Theory, EachDatabase]
    public async Task Nobody_raises_themselves_by_any_door(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var bob = await scene.Member("bob");

        foreach (var role in (string[])["admin", "owner", "member"])
        {
            Assert.StartsWith("403 forbidden", (await ann.Patch($"/api/users/{ann.Id}", new { role })).Refusal, StringComparison.Ordinal);
            Assert.StartsWith("403 forbidden", (await ann.Patch($"/api/users/{bob.Id}", new { role })).Refusal, StringComparison.Ordinal);
            Assert.StartsWith("403 forbidden", (await scene.Owner.Patch($"/api/users/{scene.Owner.Id}", new { role })).Refusal, StringComparison.Ordinal);
        }
        Assert.Equal("403 forbidden", (await ann.Post("/api/server/owner", new { user_id = ann.Id })).Refusal);
        Assert.Equal("403 forbidden", (await ann.Post($"/api/users/{bob.Id}/suspend")).Refusal);
        Assert.Equal("400 validation_failed role", (await scene.Owner.Patch($"/api/users/{ann.Id}", new { role = "god" })).Refusal);
        Assert.Equal("admin", (await scene.Owner.Patch($"/api/users/{ann.Id}", new { role = "admin" })).Text("role"));
        Assert.Equal("403 forbidden role", (await ann.Patch($"/api/users/{bob.Id}", new { role = "owner" })).Refusal);
        Assert.Equal("Bobby", (await ann.Patch($"/api/users/{bob.Id}", new { display_name = "Bobby" })).Text("display_name"));
    }

    [Theory, EachDatabase]
    public async Task The_server_is_handed_over(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");

        Assert.Equal("404 not_found", (await scene.Owner.Post("/api/server/owner", new { user_id = Guid.CreateVersion7() })).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Post("/api/server/owner", new { user_id = ann.Id })).Status);

        Assert.Equal(("owner", "admin"), ((await ann.Get("/api/users/me")).Text("role"), (await scene.Owner.Get("/api/users/me")).Text("role")));
        Assert.Equal("403 forbidden", (await scene.Owner.Post("/api/server/owner", new { user_id = ann.Id })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Settings_are_read_and_changed_by_who_may(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");

        Assert.Equal("403 forbidden", (await ann.Get("/api/server/settings")).Refusal);
        Assert.Equal("403 forbidden", (await ann.Patch("/api/server/settings", new { name = "Mine" })).Refusal);
        var changed = await scene.Owner.Patch("/api/server/settings", new { name = "Our Place", registration = "open", words = new[] { "bad" }, limits = new { max_accounts = 3 } });

        Assert.Equal(("Our Place", "open", 3L), (changed.Text("name"), changed.Text("registration"), changed.Json.GetProperty("limits").GetProperty("max_accounts").GetInt64()));
        Assert.Equal(changed.Body, (await scene.Owner.Get("/api/server/settings")).Body);
        Assert.Contains("\"name\":\"Our Place\"", (await scene.Call(null, HttpMethod.Get, "/api/server")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await scene.Register("bob", invited: false)).Status);
        Assert.Equal("403 registration_closed", (await scene.Register("carol", invited: false)).Refusal);
        Assert.Equal("400 validation_failed registration", (await scene.Owner.Patch("/api/server/settings", new { registration = "maybe" })).Refusal);
        Assert.Equal("400 validation_failed limits.max_accounts", (await scene.Owner.Patch("/api/server/settings", new { limits = new { max_accounts = -1 } })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Flagged_messages_are_settled_by_moderators(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        await scene.Owner.Patch("/api/server/settings", new { words = new[] { "darn" } });
        var channel = (await scene.Owner.Get("/api/channels")).Items("id")[0];
        async Task<long> Post(string content) => (await ann.Post($"/api/channels/{channel}/messages", new { content })).Json.GetProperty("timestamp").GetInt64();
        foreach (var content in (string[])["darn one", "darn two", "darn three"])
        {
            var at = await Post(content);
            // Those of one millisecond stand in the order of their ids.
            while (await Post("fine") == at)
            {
            }
        }

        var first = await scene.Owner.Get("/api/moderation/flagged?limit=2");
        var second = await scene.Owner.Get($"/api/moderation/flagged?limit=2&cursor={first.Text("next")}");
        Assert.Equal(["darn three", "darn two", "darn one"], first.Items("content").Concat(second.Items("content")));
        Assert.Equal("403 forbidden", (await ann.Get("/api/moderation/flagged")).Refusal);
        Assert.Equal("400 validation_failed cursor", (await scene.Owner.Get("/api/moderation/flagged?cursor=AAAA")).Refusal);

        var ids = first.Items("id");
        Task<Answered> Settle(RestScene.Person by, string id, string action) => by.Post($"/api/moderation/flagged/{id}", new { action });
        Assert.Equal("403 forbidden", (await Settle(ann, ids[0], "dismiss")).Refusal);
        Assert.Equal("400 validation_failed action", (await Settle(scene.Owner, ids[0], "burn")).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await Settle(scene.Owner, ids[0], "dismiss")).Status);
        Assert.Equal("404 not_found", (await Settle(scene.Owner, ids[0], "dismiss")).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await Settle(scene.Owner, ids[1], "delete")).Status);
        Assert.Equal("404 not_found", (await Settle(scene.Owner, ids[1], "delete")).Refusal);
        Assert.Equal(["darn one"], (await scene.Owner.Get("/api/moderation/flagged")).Items("content"));
        var history = await ann.Get($"/api/channels/{channel}/messages");
        Assert.Contains("darn three", history.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("darn two", history.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("flagged", history.Body, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Reported_messages_stand_in_the_queue_with_their_reasons(Engine engine)
    {
        await using var scene = await RestScene.Start(engine, ("Limits:ReportsPerMinute", "4"));
        var ann = await scene.Member("ann");
        var channel = (await scene.Owner.Get("/api/channels")).Items("id")[0];
        var message = (await ann.Post($"/api/channels/{channel}/messages", new { content = "bad" })).Text("id");
        Task<Answered> Report(object? reason, string? id = null) => ann.Post($"/api/messages/{id ?? message}/report", new { reason });

        Assert.Equal("400 validation_failed reason", (await Report("")).Refusal);
        Assert.Equal("404 not_found", (await Report("x", channel)).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await Report("rude")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Report("very rude")).Status);
        Assert.Equal("429 rate_limited", (await Report("very, very rude")).Refusal);

        var queued = (await scene.Owner.Get("/api/moderation/flagged")).Json.GetProperty("items").EnumerateArray().Single();
        Assert.Equal((message, false), (queued.GetProperty("id").GetString(), queued.GetProperty("flagged").GetBoolean()));
        Assert.Equal("""{"count":1,"reasons":["very rude"]}""", queued.GetProperty("reports").GetRawText());
        Assert.DoesNotContain("reports", (await scene.Owner.Get($"/api/channels/{channel}/messages")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Post($"/api/moderation/flagged/{message}", new { action = "dismiss" })).Status);
        Assert.Empty((await scene.Owner.Get("/api/moderation/flagged")).Items("id"));
    }
}
