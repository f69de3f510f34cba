using System.Net;
using System.Security.Cryptography;
using System.Text;
using United.Core.Identity;
using United.Core.Storage;
using United.Testing;
using Xunit;
using static United.Server.Tests.Rest.DmCalls;

namespace United.Server.Tests.Rest;

public sealed class DirectMessagesApiTests
{
    [Theory, EachDatabase]
    public async Task From_keys_to_an_acknowledged_message(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ada, bob) = (await scene.Member("ada"), await scene.Member("bob"));
        var (key, keyId, signature) = (Key(), Random(8), Random(64));

        var published = await bob.Post("/api/dm/keys", new { x25519_pubkey = key, key_id = keyId, created_at = 5, expires_at = 6, signature });
        var found = await ada.Get($"/api/dm/keys/{bob.User.PublicKey}");
        Assert.Equal((HttpStatusCode.OK, published.Body), (found.Status, found.Body));
        Assert.Equal((bob.User.PublicKey, key, keyId, signature, 6L),
            (found.Text("ed25519_pubkey"), found.Text("x25519_pubkey"), found.Text("key_id"), found.Text("signature"), found.Number("expires_at")));

        var opened = await ada.Post("/api/dm/conversations", new { recipient_pubkey = bob.User.PublicKey });
        var dm = opened.Text("id");
        Assert.Equal((HttpStatusCode.OK, dm, ""), (opened.Status, (await bob.Post("/api/dm/conversations", new { recipient_pubkey = ada.User.PublicKey })).Text("id"), opened.Text("last_message_preview")));
        Assert.Equal(new[] { ada.User.PublicKey, bob.User.PublicKey }.Order(StringComparer.Ordinal), [opened.Text("participant_a_pubkey"), opened.Text("participant_b_pubkey")]);

        var body = Sealed(dm, clientId: "one");
        var sent = await ada.Post("/api/dm/messages", body);
        Assert.Equal(HttpStatusCode.Created, sent.Status);
        Assert.Equal(sent.Body, (await ada.Post("/api/dm/messages", body)).Body);
        Assert.Equal((1L, 1_700_000_000_000L, ada.User.PublicKey, "one", body.encrypted_payload),
            (sent.Number("server_sequence"), sent.Number("timestamp"), sent.Text("sender_pubkey"), sent.Text("client_id"), sent.Text("encrypted_payload")));

        var listed = Assert.Single((await bob.Get("/api/dm/conversations")).Json.EnumerateArray());
        Assert.Equal((dm, 1, 1), (listed.GetProperty("id").GetString(), listed.GetProperty("unread_count").GetInt32(), listed.GetProperty("last_sequence").GetInt32()));
        Assert.Equal(sent.Body, Assert.Single((await bob.Get($"/api/dm/messages/{dm}")).Json.GetProperty("messages").EnumerateArray()).GetRawText());
        Assert.Equal(sent.Body, Assert.Single((await bob.Get("/api/dm/offline?ack=explicit")).Json.EnumerateArray()).GetRawText());
        Assert.Equal(0, (await ada.Post("/api/dm/offline/ack", new { message_ids = (string[])[sent.Text("id")] })).Number("acknowledged"));
        Assert.Equal(1, (await bob.Get("/api/dm/offline?ack=explicit")).Json.GetArrayLength());
        Assert.Equal(1, (await bob.Post("/api/dm/offline/ack", new { message_ids = (string[])[sent.Text("id")] })).Number("acknowledged"));
        Assert.Equal(0, (await bob.Get("/api/dm/offline")).Json.GetArrayLength());
    }

    [Theory, EachDatabase]
    public async Task Without_an_explicit_acknowledgement_what_was_answered_is_gone(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ada, bob) = (await scene.Member("ada"), await scene.Member("bob"));
        var dm = await Open(ada, bob);
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.Created, (await ada.Post("/api/dm/messages", Sealed(dm))).Status);

        Assert.Equal([1, 2, 3], (await bob.Get("/api/dm/offline")).Json.EnumerateArray().Select(message => message.GetProperty("server_sequence").GetInt32()));
        // The answer is complete for the client a moment before it is known here that it was.
        while ((await bob.Get("/api/dm/offline?ack=explicit")).Json.GetArrayLength() > 0) await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    [Theory, EachDatabase]
    public async Task History_sync_and_lists_show_them_as_encrypted_and_pages_go_both_ways(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ada, bob) = (await scene.Member("ada"), await scene.Member("bob"));
        var dm = await Open(ada, bob);
        var bodies = Enumerable.Range(0, 5).Select(_ => Sealed(dm)).ToArray();
        foreach (var body in bodies) await ada.Post("/api/dm/messages", body);

        foreach (var (query, numbers, more) in ((string, int[], bool)[])
            [("limit=2", [5, 4], true), ("before=3", [2, 1], false), ("after=3&limit=1", [4], true), ("limit=500", [5, 4, 3, 2, 1], false)])
        {
            var page = await bob.Get($"/api/dm/messages/{dm}?{query}");
            Assert.Equal(numbers, page.Json.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("server_sequence").GetInt32()));
            Assert.Equal(more, page.Json.GetProperty("has_more").GetBoolean());
        }
        var history = (await bob.Get($"/api/conversations/{dm}/messages")).Json.GetProperty("messages").EnumerateArray().Reverse();
        Assert.Equal(bodies.Select(body => ("encrypted", "", body.encrypted_payload)), history.Select(message =>
            (message.GetProperty("type").GetString()!, message.GetProperty("content").GetString()!, message.GetProperty("encrypted_payload").GetString()!)));
        var changed = Assert.Single((await bob.Post("/api/sync", $"{{\"conversations\":{{\"{dm}\":3}}}}")).Json.GetProperty("changed").EnumerateArray());
        Assert.Equal(bodies.Select(body => body.nonce), changed.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("nonce").GetString()));
        var last = Assert.Single((await bob.Get("/api/conversations")).Json.GetProperty("items").EnumerateArray(), item => item.GetProperty("id").GetString() == dm).GetProperty("last_message");
        Assert.Equal("encrypted", last.GetProperty("type").GetString());
        Assert.False(last.TryGetProperty("encrypted_payload", out _));
    }

    [Theory, EachDatabase]
    public async Task What_is_wrong_is_refused_by_name_and_changes_nothing(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ada, bob, eve) = (await scene.Member("ada"), await scene.Member("bob"), await scene.Member("eve"));
        var dm = await Open(ada, bob);
        var good = Sealed(dm);
        await ada.Post("/api/dm/messages", good);

        foreach (var (body, refusal) in ((object, string)[])
        [
            (Sealed(dm, payload: 0), "400 validation_failed encrypted_payload"), (Sealed(dm, payload: (96 * 1024) + 1), "413 too_large encrypted_payload"),
            (Sealed(dm, payload: 130 * 1024), "413 too_large"), (Sealed(dm, nonce: 23), "400 validation_failed nonce"), (Sealed(dm, nonce: 25), "400 validation_failed nonce"),
            (Sealed(dm, ephemeral: 31), "400 validation_failed ephemeral_pubkey"), (Sealed(dm, ephemeral: 33), "400 validation_failed ephemeral_pubkey"),
            (good with { encrypted_payload = "not base64!" }, "400 validation_failed encrypted_payload"),
            (good with { encrypted_payload = Random(300) }, "409 conflict nonce"), (good with { timestamp = -1 }, "400 validation_failed timestamp"),
            (new { conversation_id = dm }, "400 validation_failed encrypted_payload"), ("{", "400 malformed"),
        ])
            Assert.Equal(refusal, (await ada.Post("/api/dm/messages", body)).Refusal);
        Assert.Equal(HttpStatusCode.Created, (await ada.Post("/api/dm/messages", Sealed(dm, payload: 96 * 1024))).Status);

        foreach (var key in Unsound) Assert.Equal("400 validation_failed x25519_pubkey", (await ada.Post("/api/dm/keys", new { x25519_pubkey = key })).Refusal);
        Assert.Equal("400 validation_failed key_id", (await ada.Post("/api/dm/keys", new { x25519_pubkey = Key(), key_id = Random(7) })).Refusal);
        Assert.Equal("404 not_found", (await ada.Get($"/api/dm/keys/{bob.User.PublicKey}")).Refusal);
        Assert.Equal("400 validation_failed ed25519_pubkey", (await ada.Get("/api/dm/keys/xyz")).Refusal);
        Assert.Equal("400 validation_failed recipient_pubkey", (await ada.Post("/api/dm/conversations", new { recipient_pubkey = ada.User.PublicKey })).Refusal);
        Assert.Equal("404 not_found", (await ada.Post("/api/dm/conversations", new { recipient_pubkey = Convert.ToHexStringLower(Ed25519.PublicKeyOf(Ed25519.NewSeed())) })).Refusal);
        Assert.Equal("404 not_found", (await eve.Get($"/api/dm/messages/{dm}")).Refusal);
        Assert.Equal("404 not_found", (await eve.Post("/api/dm/messages", good)).Refusal);
        Assert.Equal("400 validation_failed ack", (await bob.Get("/api/dm/offline?ack=maybe")).Refusal);
        Assert.Equal("401 unauthorized", (await scene.Call(null, HttpMethod.Get, "/api/dm/offline")).Refusal);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Post, "messages"), (HttpMethod.Put, $"messages/{dm}")])
            Assert.Contains((await ada.Call(method, $"/api/conversations/{dm}/{path}", new { content = "plain" })).Refusal, (string[])["409 encrypted_conversation", "404 not_found"]);
        Assert.Equal(2, (await bob.Get("/api/dm/offline?ack=explicit")).Json.GetArrayLength());
    }

    [Theory, EachDatabase]
    public async Task Who_has_no_identity_key_is_told_so_everywhere(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var token = (await scene.Register("keyless")).Text("access_token");

        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])
        [
            (HttpMethod.Post, "/api/dm/keys", new { x25519_pubkey = Key() }), (HttpMethod.Get, $"/api/dm/keys/{scene.Owner.User.PublicKey}", null),
            (HttpMethod.Post, "/api/dm/conversations", new { recipient_pubkey = scene.Owner.User.PublicKey }), (HttpMethod.Get, "/api/dm/conversations", null),
            (HttpMethod.Post, "/api/dm/messages", Sealed(Guid.NewGuid().ToString())), (HttpMethod.Get, $"/api/dm/messages/{Guid.NewGuid()}", null),
            (HttpMethod.Get, "/api/dm/offline", null), (HttpMethod.Post, "/api/dm/offline/ack", new { message_ids = Array.Empty<string>() }),
        ])
            Assert.Equal("409 no_identity_key", (await scene.Call(token, method, path, body)).Refusal);
    }

    [Theory, EachDatabase]
    public async Task With_an_account_its_key_and_what_waited_for_it_go(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var (ada, bob) = (await scene.Member("ada"), await scene.Member("bob"));
        await bob.Post("/api/dm/keys", new { x25519_pubkey = Key() });
        var dm = await Open(ada, bob);
        await ada.Post("/api/dm/messages", Sealed(dm));

        Assert.Equal(HttpStatusCode.NoContent, (await bob.Delete("/api/users/me")).Status);

        foreach (var table in (string[])["dm_public_keys", "dm_offline_queue"])
            Assert.Equal(0, await scene.Core.Database.Read(sql => sql.Count($"select count(*) from {table}"), TestContext.Current.CancellationToken));
        Assert.Equal("404 not_found", (await ada.Get($"/api/dm/keys/{bob.User.PublicKey}")).Refusal);
        Assert.Equal("409 conflict conversation_id", (await ada.Post("/api/dm/messages", Sealed(dm))).Refusal);
        Assert.Single((await ada.Get($"/api/dm/messages/{dm}")).Json.GetProperty("messages").EnumerateArray());
    }

    [Fact]
    public async Task Nothing_of_a_payload_reaches_logs_or_metrics()
    {
        var canary = "canary-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var payload = Encoding.UTF8.GetBytes(canary + new string('x', 100));
        var folder = Directory.CreateTempSubdirectory("united-canary-").FullName;
        await using var program = UnitedProcess.Start(folder, ["serve", "--urls", "http://127.0.0.1:0", "--data", folder], environment: ("UNITED_Log__Level", "Debug"));
        using var http = new HttpClient { BaseAddress = await program.Ready() };
        var (owner, ownerKey) = await Registered(http, "owner", null);
        var (guest, _) = await Registered(http, "guest", owner);

        var opened = await Call(http, guest, "/api/dm/conversations", new { recipient_pubkey = ownerKey });
        var body = Sealed(opened.GetProperty("id").GetString()!) with { encrypted_payload = Convert.ToBase64String(payload) };
        Assert.Equal(body.encrypted_payload, (await Call(http, guest, "/api/dm/messages", body)).GetProperty("encrypted_payload").GetString());
        await Call(http, guest, "/api/dm/messages", body with { ephemeral_pubkey = Random(32) });
        await Call(http, guest, "/api/dm/messages", body with { encrypted_payload = canary });
        await Call(http, guest, "/api/dm/messages", body with { nonce = canary });
        using var metrics = await http.GetAsync("/metrics", TestContext.Current.CancellationToken);

        foreach (var text in (string[])[program.Output, program.Errors, await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)])
        {
            Assert.DoesNotContain(canary, text, StringComparison.Ordinal);
            Assert.DoesNotContain(body.encrypted_payload[..24], text, StringComparison.Ordinal);
        }
        Assert.Contains("united_events", await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    // Of small order, or not canonical.
    private static readonly string[] Unsound =
    [
        new('0', 64), "01" + new string('0', 62), "ec" + new string('f', 60) + "7f", "ed" + new string('f', 60) + "7f", "ee" + new string('f', 60) + "7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880", new('f', 64), "09", new('g', 64), "",
    ];

    private static async Task<string> Open(RestScene.Person one, RestScene.Person other)
    {
        await other.Patch("/api/users/me", new { messaging_access = "everyone" });
        return (await one.Post("/api/dm/conversations", new { recipient_pubkey = other.User.PublicKey })).Text("id");
    }

    private static string Key() => Convert.ToHexStringLower([.. RandomNumberGenerator.GetBytes(31), 0x11]);
}
