using System.Net;
using United.Core.Identity;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

public sealed class AuthApiTests
{
    [Theory, EachDatabase]
    public async Task The_first_account_is_made_with_the_set_up_token_and_then_never_again(Engine engine)
    {
        await using var server = await TestServer.Start(engine, settings: ("Setup:AllowLoopback", "false"));
        var token = await ServerIdentity.SetupToken(server.Database.Database);
        async Task<string> Register(string username, string? setupToken)
        {
            using var content = System.Net.Http.Json.JsonContent.Create(new { username, display_name = "D", password = RestScene.Password, setup_token = setupToken });
            using var answer = await server.Client.PostAsync("/api/auth/register", content);
            return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
        }

        Assert.Contains("403", await Register("ann", null), StringComparison.Ordinal);
        Assert.Contains("setup_token_invalid", await Register("ann", "wrong"), StringComparison.Ordinal);
        Assert.Contains("\"setup_needed\":true", await server.Client.GetStringAsync("/api/server"), StringComparison.Ordinal);
        Assert.StartsWith("201", await Register("ann", token), StringComparison.Ordinal);
        Assert.Contains("setup_done", await Register("bob", token), StringComparison.Ordinal);
        Assert.Contains("invite_invalid", await Register("bob", null), StringComparison.Ordinal);
        Assert.Contains("\"setup_needed\":false", await server.Client.GetStringAsync("/api/server"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Host", "united.example")]
    public async Task Who_comes_through_a_proxy_or_a_foreign_page_is_not_at_this_machine(string header, string value)
    {
        await using var server = await TestServer.Start(Engine.Sqlite);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/register")
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { username = "ann", display_name = "Ann", password = RestScene.Password }),
        };
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await server.Client.SendAsync(request);

        Assert.Contains("setup_token_invalid", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Register_log_in_refresh_and_log_out(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);

        var registered = await scene.Register("Ann");
        Assert.Equal((HttpStatusCode.Created, 600L, "no-store"), (registered.Status, registered.Number("expires_in"), registered.Headers["Cache-Control"]));
        Assert.Equal("ann", registered.Json.GetProperty("user").GetProperty("username").GetString());
        Assert.Equal("409 username_taken username", (await scene.Register("ANN")).Refusal);

        var loggedIn = await scene.LogIn("ann", RestScene.Password);
        Assert.Equal("401 invalid_credentials", (await scene.LogIn("ann", "wrong password")).Refusal);
        Assert.Equal((await scene.LogIn("ann", "wrong password")).Body, (await scene.LogIn("nobody", RestScene.Password)).Body);

        var renewed = await scene.Post("/api/auth/refresh", new { refresh_token = loggedIn.Text("refresh_token") });
        var token = renewed.Text("access_token");
        Assert.Equal(loggedIn.Text("session_id"), renewed.Text("session_id"));
        Assert.Equal(HttpStatusCode.OK, (await scene.Call(token, HttpMethod.Get, "/api/users/me")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await scene.Call(token, HttpMethod.Post, "/api/auth/logout")).Status);
        Assert.Equal("401 session_ended", (await scene.Call(token, HttpMethod.Get, "/api/users/me")).Refusal);
        Assert.Equal("401 session_ended", (await scene.Post("/api/auth/refresh", new { refresh_token = renewed.Text("refresh_token") })).Refusal);
        Assert.Equal(HttpStatusCode.OK, (await scene.Call(registered.Text("access_token"), HttpMethod.Get, "/api/users/me")).Status);
    }

    [Theory, EachDatabase]
    public async Task A_key_signs_in(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var stranger = Ed25519.NewSeed();

        var proof = await scene.Proof(ann.User.Seed);
        var signedIn = await scene.Post("/api/auth/verify", proof);

        Assert.Equal(ann.Id.ToString(), signedIn.Json.GetProperty("user").GetProperty("id").GetString());
        Assert.Equal("400 signature_invalid challenge_id", (await scene.Post("/api/auth/verify", proof)).Refusal);
        Assert.Equal("400 signature_invalid signature", (await scene.Post("/api/auth/verify", await scene.Proof(ann.User.Seed, signer: stranger))).Refusal);
        Assert.Equal("401 invalid_credentials", (await scene.Post("/api/auth/verify", await scene.Proof(stranger))).Refusal);
        Assert.Equal("400 validation_failed public_key", (await scene.Post("/api/auth/challenge", new { public_key = "01" + new string('0', 62) })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task A_browser_keeps_its_refresh_token_in_a_cookie_that_only_our_own_page_can_use(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        await scene.Register("ann");
        var origin = ("Origin", TestUser.OriginOf(scene.Server.Address));

        var signedIn = await scene.Post("/api/auth/login", new { username = "ann", password = RestScene.Password }, ("X-Refresh-Cookie", "1"));
        Assert.False(signedIn.Json.TryGetProperty("refresh_token", out _));
        Assert.Matches("^__Host-rt=[A-Za-z0-9_-]{70}; max-age=2592000; path=/; secure; samesite=strict; httponly$", signedIn.Headers["Set-Cookie"]);
        var cookie = ("Cookie", signedIn.Headers["Set-Cookie"].Split(';')[0]);

        Assert.Equal("403 forbidden", (await scene.Post("/api/auth/refresh", new { }, cookie, origin)).Refusal);
        Assert.Equal("403 forbidden", (await scene.Post("/api/auth/refresh", new { }, cookie, ("X-CSRF", "1"))).Refusal);
        foreach (var foreign in (string[])["https://evil.example", "null", origin.Item2 + ".evil.example", "https://sub." + scene.Server.Address.Host])
            Assert.Equal("403 forbidden", (await scene.Post("/api/auth/refresh", new { }, cookie, ("X-CSRF", "1"), ("Origin", foreign))).Refusal);
        Assert.Equal("401 unauthorized", (await scene.Call(null, HttpMethod.Get, "/api/users/me", null, cookie)).Refusal);

        var renewed = await scene.Post("/api/auth/refresh", new { }, cookie, origin, ("X-CSRF", "1"));
        Assert.Equal(HttpStatusCode.OK, renewed.Status);
        Assert.False(renewed.Json.TryGetProperty("refresh_token", out _));
        Assert.NotEqual(cookie.Item2, renewed.Headers["Set-Cookie"].Split(';')[0]);

        var loggedOut = await scene.Call(renewed.Text("access_token"), HttpMethod.Post, "/api/auth/logout");
        Assert.StartsWith("__Host-rt=; max-age=0; path=/; secure", loggedOut.Headers["Set-Cookie"], StringComparison.Ordinal);
        Assert.Equal("401 session_ended", (await scene.Post("/api/auth/refresh", new { }, cookie, origin, ("X-CSRF", "1"))).Refusal);
        Assert.Equal("400 validation_failed refresh_token", (await scene.Post("/api/auth/refresh", new { })).Refusal);
    }

    [Theory, EachDatabase]
    public async Task An_origin_of_another_site_that_may_call_still_may_not_use_the_cookie(Engine engine)
    {
        await using var scene = await RestScene.Start(engine, ("Cors:Origins", "https://app.example"));
        await scene.Register("ann");
        var signedIn = await scene.Post("/api/auth/login", new { username = "ann", password = RestScene.Password }, ("X-Refresh-Cookie", "1"));
        var cookie = ("Cookie", signedIn.Headers["Set-Cookie"].Split(';')[0]);

        Assert.Equal("403 forbidden", (await scene.Post("/api/auth/refresh", new { }, cookie, ("X-CSRF", "1"), ("Origin", "https://app.example"))).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Devices_are_listed_and_ended(Engine engine)
    {
        await using var scene = await RestScene.Start(engine);
        var ann = await scene.Member("ann");
        var second = await scene.Post("/api/auth/verify", await scene.Proof(ann.User.Seed));

        var listed = await ann.Get("/api/auth/sessions");

        Assert.Equal(new[] { ann.User.SessionId.ToString(), second.Text("session_id") }.Order(), listed.Items("id").Order());
        Assert.Equal(HttpStatusCode.NoContent, (await ann.Delete($"/api/auth/sessions/{second.Text("session_id")}")).Status);
        Assert.Equal("401 session_ended", (await scene.Call(second.Text("access_token"), HttpMethod.Get, "/api/users/me")).Refusal);
        Assert.Equal("404 not_found", (await ann.Delete($"/api/auth/sessions/{second.Text("session_id")}")).Refusal);
        Assert.Equal("404 not_found", (await scene.Owner.Delete($"/api/auth/sessions/{ann.User.SessionId}")).Refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer x")]
    [InlineData("Basic YTpi")]
    public async Task Whatever_is_no_token_of_ours_is_401(string header)
    {
        await using var scene = await RestScene.Start();

        var answer = await scene.Call(null, HttpMethod.Get, "/api/users/me", null, ("Authorization", header));

        Assert.Equal(("401 unauthorized", "Bearer"), (answer.Refusal, answer.Headers["WWW-Authenticate"]));
        Assert.Equal("401 unauthorized", (await scene.Call(null, HttpMethod.Get, "/api/users/me?access_token=" + scene.Owner.User.AccessToken)).Refusal);
    }

    [Theory, EachDatabase]
    public async Task Too_many_tries_are_told_when_to_come_back(Engine engine)
    {
        await using var scene = await RestScene.Start(engine, ("Limits:ChallengesPerMinute", "1"));
        var key = scene.Owner.User.PublicKey;
        await scene.Post("/api/auth/challenge", new { public_key = key });

        var answer = await scene.Post("/api/auth/challenge", new { public_key = key });

        Assert.Equal("429 rate_limited", answer.Refusal);
        Assert.InRange(int.Parse(answer.Headers["Retry-After"], null), 1, 60);
        Assert.Equal(answer.Headers["Retry-After"], answer.Json.GetProperty("retry_after").ToString());
    }
}
