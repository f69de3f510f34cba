using System.Net;
using United.Core.Identity;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

public sealed class UsersApiTests
{
    [Theory, EachDatabase]
    public async Task A_profile_is_read_and_changed(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");

        var changed = await ann.Patch("/api/users/me", new { display_name = " Ann E. ", bio = "Hi", messaging_access = "nobody", read_receipts = false });

        Assert.Equal(("Ann E.", "Hi", "nobody"), (changed.Text("display_name"), changed.Text("bio"), changed.Text("messaging_access")));
        Assert.False(changed.Json.GetProperty("read_receipts").GetBoolean());
        Assert.Equal(changed.Body, (await ann.Get("/api/users/me")).Body);
        var seen = await scene.Owner.Get($"/api/users/{ann.Id}");
        Assert.Equal(("Ann E.", "offline"), (seen.Text("display_name"), seen.Text("presence")));
        Assert.False(seen.Json.TryGetProperty("messaging_access", out _));
        Assert.Equal("400 validation_failed messaging_access", (await ann.Patch("/api/users/me", new { messaging_access = "friends" })).Refusal);
        Assert.Equal("400 validation_failed display_name", (await ann.Patch("/api/users/me", new { display_name = "a\u202Eb" })).Refusal);
        Assert.Equal("400 validation_failed bio", (await ann.Patch("/api/users/me", new { bio = "a\0b" })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task What_a_route_does_not_name_changes_nothing(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var before = (await ann.Get("/api/users/me")).Body;

        var answer = await ann.Patch("/api/users/me", $$"""
            {"role":"owner","is_owner":true,"id":"{{scene.Owner.Id}}","username":"root","permissions":["manage_server"],"role_ids":["{{scene.Owner.Id}}"],
            "created_at":0,"suspended":false,"public_key":"00","password_hash":"x","Role":2,"DisplayName":"Upper","BIO":"upper"}
            """);

        Assert.Equal((HttpStatusCode.OK, before), (answer.Status, answer.Body));
        Assert.Equal(before, (await ann.Get("/api/users/me")).Body);
    }

    [Theory, EachDatabase]
    public async Task Members_are_listed_page_by_page(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        foreach (var name in (string[])["ann", "bob", "carol"]) await scene.Member(name);

        var first = await scene.Owner.Get("/api/users?limit=3");
        var second = await scene.Owner.Get($"/api/users?limit=3&cursor={first.Text("next")}");

        Assert.Equal(["ann", "bob", "carol"], first.Items("username"));
        Assert.Equal(["owner"], second.Items("username"));
        Assert.False(second.Json.TryGetProperty("next", out _));
        Assert.Equal(["bob"], (await scene.Owner.Get("/api/users?query=OB")).Items("username"));
        Assert.Equal(4, (await scene.Owner.Get("/api/users?limit=9999")).Items("username").Length);
    }

    [Theory, EachDatabase]
    public async Task A_wrong_question_is_refused(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);

        foreach (var (query, field) in ((string, string)[])
            [("limit=0", "limit"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"), ("cursor=%00", "cursor"), ("cursor=AAAA", "cursor"), ("query=a%00b", "query"), ("query=a&query=b", "query")])
            Assert.Equal($"{query} 400 validation_failed {field}", $"{query} {(await scene.Owner.Get("/api/users?" + query)).Refusal}");
    }

    [Theory, EachDatabase]
    public async Task Who_does_not_exist_and_who_may_not_be_known_of_answer_alike_to_the_byte(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var gone = await scene.Member("gone");
        await gone.Delete("/api/users/me");

        Answered[] answers =
        [
            await scene.Owner.Get($"/api/users/{Guid.CreateVersion7()}"), await scene.Owner.Get($"/api/users/{gone.Id}"), await scene.Owner.Get("/api/users/not-an-id"),
            await scene.Owner.Get($"/api/users/{gone.Id.ToString().ToUpperInvariant()}"), await scene.Owner.Get("/api/nothing"),
            await scene.Owner.Post($"/api/users/{gone.Id}/suspend"), await scene.Owner.Put($"/api/users/{gone.Id}/block"), await scene.Owner.Delete($"/api/roles/{gone.Id}"),
            await scene.Owner.Delete("/api/invites/unknown"), await scene.Owner.Get("/api/users/me/key-backup"), await scene.Call(null, HttpMethod.Get, "/api/invites/unknown"),
        ];

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NotFound, answer.Status));
        Assert.Single(answers.Select(answer => answer.Body).Distinct());
    }

    [Theory, EachDatabase]
    public async Task A_password_is_changed_and_ends_the_other_sessions(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var here = (await scene.Register("ann")).Text("access_token");
        var there = (await scene.LogIn("ann", RestScene.Password)).Text("access_token");
        Task<Answered> Change(object body) => scene.Call(here, HttpMethod.Put, "/api/users/me/password", body);

        Assert.Equal("401 invalid_credentials current", (await Change(new { current = "wrong password", @new = "another fine secret" })).Refusal);
        Assert.Equal("400 validation_failed new", (await Change(new { current = RestScene.Password, @new = "short" })).Refusal);
        Assert.Equal("400 validation_failed current", (await Change(new { @new = "another fine secret" })).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await Change(new { current = RestScene.Password, @new = "another fine secret" })).Status);

        Assert.Equal("401 session_ended", (await scene.Call(there, HttpMethod.Get, "/api/users/me")).Refusal);
        Assert.Equal(HttpStatusCode.OK, (await scene.Call(here, HttpMethod.Get, "/api/users/me")).Status);
        Assert.Equal(HttpStatusCode.OK, (await scene.LogIn("ann", "another fine secret")).Status);
    }

    [Theory, EachDatabase]
    public async Task Who_has_no_password_sets_one_by_key(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var proof = System.Text.Json.JsonSerializer.SerializeToElement(await scene.Proof(ann.User.Seed));

        var answer = await ann.Put("/api/users/me/password", new
        {
            @new = "another fine secret",
            challenge_id = proof.GetProperty("challenge_id").GetString(),
            signature = proof.GetProperty("signature").GetString(),
        });

        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Equal(HttpStatusCode.OK, (await scene.LogIn("ann", "another fine secret")).Status);
        Assert.Equal("400 validation_failed challenge_id", (await ann.Put("/api/users/me/password", new { @new = "another fine secret", signature = new string('0', 128) })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task A_key_is_replaced_with_the_old_ones_signature_or_leave(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var next = Ed25519.NewSeed();

        Assert.Equal("400 signature_invalid old_signature", (await ann.Put("/api/users/me/public-key", await scene.Proof(next))).Refusal);
        Assert.Equal("403 forbidden", (await ann.Post($"/api/users/{ann.Id}/allow-key-reset")).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Post($"/api/users/{ann.Id}/allow-key-reset")).Status);
        var changed = await ann.Put("/api/users/me/public-key", await scene.Proof(next));

        Assert.Equal(Convert.ToHexStringLower(Ed25519.PublicKeyOf(next)), changed.Text("public_key"));
        Assert.Equal(HttpStatusCode.NoContent, (await scene.Owner.Post($"/api/users/{scene.Owner.Id}/allow-key-reset")).Status);
        Assert.Equal("409 public_key_taken public_key", (await scene.Owner.Put("/api/users/me/public-key", await scene.Proof(next))).Refusal);
    }

    [Theory, EachDatabase]
    public async Task A_key_backup_goes_in_and_comes_out_as_it_was(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var blob = Core.Ids.RandomBytes(64 * 1024);
        Task<Answered> Put(byte[] bytes, string? match) => ann.Put("/api/users/me/key-backup", bytes, match is null ? [] : [("If-Match", match)]);

        Assert.Equal("412 precondition_failed", (await Put([1], "\"1\"")).Refusal);
        Assert.Equal("\"1\"", (await Put([1], null)).Headers["ETag"]);
        Assert.Equal("412 precondition_failed", (await Put([2], null)).Refusal);
        Assert.Equal("\"2\"", (await Put(blob, "\"1\"")).Headers["ETag"]);
        Assert.Equal("412 precondition_failed", (await Put([2], "\"1\"")).Refusal);
        foreach (var wrong in (string[])["1", "*", "\"x\"", "\"1\", \"2\"", "W/\"1\"", "\"-1\"", "\"\""]) Assert.Equal("400 validation_failed If-Match", (await Put([2], wrong)).Refusal);
        Assert.Equal("413 too_large", (await Put([.. blob, 1], "\"2\"")).Refusal);
        Assert.Equal("400 validation_failed blob", (await Put([], "\"2\"")).Refusal);

        var read = await ann.Get("/api/users/me/key-backup");
        Assert.Equal(("application/octet-stream", "\"2\""), (read.MediaType, read.Headers["ETag"]));
        Assert.Equal(blob, read.Bytes);
        Assert.Equal([1], (await ann.Get("/api/users/me/key-backup?version=1")).Bytes);
        Assert.Equal("404 not_found", (await scene.Owner.Get("/api/users/me/key-backup")).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Blocks_are_made_listed_and_lifted(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var bob = await scene.Member("bob");

        Assert.Equal(HttpStatusCode.NoContent, (await ann.Put($"/api/users/{bob.Id}/block")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Put($"/api/users/{scene.Owner.Id}/block")).Status);
        Assert.Equal("400 validation_failed id", (await ann.Put($"/api/users/{ann.Id}/block")).Refusal);
        var first = await ann.Get("/api/users/me/blocks?limit=1");
        var second = await ann.Get($"/api/users/me/blocks?limit=1&cursor={first.Text("next")}");
        Assert.Equal(new[] { "bob", "owner" }.Order(), first.Items("username").Concat(second.Items("username")).Order());
        Assert.Equal("400 validation_failed cursor", (await ann.Get("/api/users/me/blocks?cursor=AAAA")).Refusal);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Delete($"/api/users/{bob.Id}/block")).Status);
        Assert.Equal("404 not_found", (await ann.Delete($"/api/users/{bob.Id}/block")).Refusal);
        Assert.Empty((await bob.Get("/api/users/me/blocks")).Items("username"));
    }

    [Theory, EachDatabase]
    public async Task A_deleted_account_is_gone_and_the_owner_stays(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");

        Assert.Equal(HttpStatusCode.NoContent, (await ann.Delete("/api/users/me")).Status);
        Assert.Equal("401 session_ended", (await ann.Get("/api/users/me")).Refusal);
        Assert.Equal("401 session_ended", (await scene.Post("/api/auth/refresh", new { refresh_token = ann.User.RefreshToken })).Refusal);
        Assert.Equal("409 conflict", (await scene.Owner.Delete("/api/users/me")).Refusal);
    }
}
