using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using United.Core.Storage;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>How many requests an account may make, and an address those that belong to no account.</summary>
public sealed class RequestRateTests
{
    private static readonly (string, string)[] Three = [("Limits:RequestsPerSecond", "2"), ("Limits:RequestBurst", "3")];

    [Theory, EachDatabase]
    public async Task Requests_of_an_account_beyond_its_rate_are_refused_until_there_is_room_again(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time, Three);
        var (channel, anna) = (await scene.OpenChannel(), await scene.Join("anna"));
        using var annas = Client(scene, anna.AccessToken);
        using var device = Client(scene, (await scene.SignInAgain(anna)).AccessToken);
        using var owner = Client(scene, scene.Owner.AccessToken);
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await annas.GetAsync("/api/channels")).StatusCode);

        var refused = await annas.PostAsJsonAsync($"/api/channels/{channel}/messages", new { content = "too quick" });
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        Assert.Contains("rate_limited", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await device.GetAsync("/api/channels")).StatusCode);
        Assert.Equal("""{"messages":[],"has_more":false}""", await owner.GetStringAsync($"/api/channels/{channel}/messages"));

        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(HttpStatusCode.OK, (await device.GetAsync("/api/channels")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await annas.GetAsync("/api/channels")).StatusCode);
    }

    [Theory, EachDatabase]
    public async Task Who_is_nobody_shares_the_rate_of_their_address_and_takes_nothing_from_who_is_somebody_there(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time, Three);
        using var nobody = Client(scene, token: null);
        using var forger = Client(scene, token: "made.up.token");
        using var owner = Client(scene, scene.Owner.AccessToken);
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync("/api/server")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await forger.GetAsync("/api/channels")).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await forger.GetAsync("/api/channels")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await nobody.GetAsync("/api/server")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await nobody.PostAsJsonAsync("/api/auth/login", new { username = "owner", password = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync("/api/channels")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync("/health/live")).StatusCode);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await forger.GetAsync("/api/channels")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync("/api/server")).StatusCode);
    }

    private static HttpClient Client(WireScene scene, string? token)
    {
        var client = new HttpClient(new OpenApiContract()) { BaseAddress = scene.Address };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
