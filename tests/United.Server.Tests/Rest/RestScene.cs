using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using United.Core;
using United.Core.Identity;
using United.Core.Storage;
using United.Testing;

namespace United.Server.Tests.Rest;

/// <summary>A running server with an owner, called as anybody would call it.</summary>
internal sealed class RestScene : IAsyncDisposable
{
    public const string Password = "a fine long secret";

    private const int AtOnce = 32 * 1024;

    // Limits that no test reaches by chance.
    private static readonly (string Key, string Value)[] Generous =
    [
        ("Limits:RegistrationsPerHour", "10000"), ("Limits:InviteProbesPerHour", "10000"), ("Limits:LogInsPerMinutePerAddress", "10000"),
        ("Limits:LogInsPerMinutePerAccount", "10000"), ("Limits:ChallengesPerMinute", "10000"), ("Limits:RefreshesPerMinute", "10000"), ("Limits:ReportsPerMinute", "10000"),
        ("Limits:RequestsPerSecond", "100000"), ("Limits:RequestBurst", "100000"),
    ];

    private RestScene(TestServer server, Person owner) => (Server, Owner) = (server, owner);

    public TestServer Server { get; }

    public CoreSetup Core => Server.Services.GetRequiredService<CoreSetup>();

    public Person Owner { get; }

    public static async Task<RestScene> Start(Engine engine = Engine.Sqlite, params (string Key, string Value)[] settings)
    {
        var server = await TestServer.Start(engine, settings: [.. Generous.Where(usual => settings.All(given => given.Key != usual.Key)), .. settings]);
        var owner = await TestUser.Register(server.Services.GetRequiredService<CoreSetup>(), server.Address, "owner");
        return new RestScene(server, new Person(server, owner));
    }

    public async Task<Person> Member(string username) => new(Server, await TestUser.Register(Core, Server.Address, username, Owner.User));

    /// <summary>Somebody with a password, by an invitation, over REST.</summary>
    public async Task<Answered> Register(string username, string password = Password, bool invited = true) => await Call(null, HttpMethod.Post, "/api/auth/register", new
    {
        username,
        display_name = username,
        password,
        invite_code = invited ? (await Owner.Post("/api/invites", new { })).Text("code") : null,
    });

    public Task<Answered> LogIn(string username, string password) => Call(null, HttpMethod.Post, "/api/auth/login", new { username, password });

    public Task<Answered> Post(string path, object body, params (string Name, string Value)[] headers) => Call(null, HttpMethod.Post, path, body, headers);

    /// <summary>A challenge for a key, signed by it, or by another.</summary>
    public async Task<object> Proof(byte[] seed, byte[]? signer = null)
    {
        var key = Convert.ToHexStringLower(Ed25519.PublicKeyOf(seed));
        var challenge = await Post("/api/auth/challenge", new { public_key = key });
        var signed = TestUser.LogInBytes(
            TestUser.OriginOf(Server.Address), challenge.Text("server_id"), Convert.FromHexString(challenge.Text("nonce")), Convert.FromHexString(key), challenge.Number("expires_at"));
        return new { public_key = key, challenge_id = challenge.Text("challenge_id"), signature = Convert.ToHexStringLower(Ed25519.Sign(signer ?? seed, signed)) };
    }

    public async Task<Answered> Call(string? token, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = Content(body) };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        // What is refused for its size is answered before it is read, and the connection closes: one who still writes would see that, not the answer.
        request.Headers.ExpectContinue = request.Content?.Headers.ContentLength > AtOnce;
        using var response = await Server.Client.SendAsync(request);
        return new Answered(response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Content.Headers.ContentType?.MediaType ?? "",
            response.Headers.ToDictionary(header => header.Key, header => string.Join('\n', header.Value), StringComparer.OrdinalIgnoreCase));
    }

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    // Text is sent as it is, so that it can be wrong.
    private static HttpContent? Content(object? body) => body switch
    {
        null => null,
        string json => new StringContent(json, Encoding.UTF8, "application/json"),
        byte[] bytes => new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } },
        _ => JsonContent.Create(body),
    };

    internal sealed record Person(TestServer Server, TestUser User)
    {
        public Guid Id => User.Id;

        public Task<Answered> Get(string path) => Call(HttpMethod.Get, path);

        public Task<Answered> Post(string path, object? body = null) => Call(HttpMethod.Post, path, body);

        public Task<Answered> Put(string path, object? body = null, params (string Name, string Value)[] headers) => Call(HttpMethod.Put, path, body, headers);

        public Task<Answered> Patch(string path, object body) => Call(HttpMethod.Patch, path, body);

        public Task<Answered> Delete(string path) => Call(HttpMethod.Delete, path);

        public Task<Answered> Call(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers) =>
            new RestScene(Server, this).Call(User.AccessToken, method, path, body, headers);
    }
}

internal sealed record Answered(HttpStatusCode Status, byte[] Bytes, string MediaType, Dictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

    public string Body => Encoding.UTF8.GetString(Bytes);

    /// <summary>Status and code of a refusal, with the field where there is one: <c>400 validation_failed username</c>.</summary>
    public string Refusal => MediaType != "application/problem+json" ? $"{(int)Status}"
        : $"{(int)Status} {Text("code")} {(Json.TryGetProperty("field", out var named) ? named.GetString() : "")}".TrimEnd();

    public string Text(string name) => Json.GetProperty(name).GetString()!;

    public long Number(string name) => Json.GetProperty(name).GetInt64();

    public string[] Items(string name) => [.. Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(name).ToString())];
}
