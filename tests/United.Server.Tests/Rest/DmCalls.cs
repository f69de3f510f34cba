using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using United.Core.Identity;
using United.Testing;

namespace United.Server.Tests.Rest;

/// <summary>What a client of encrypted conversations sends, and how one signs in that is a program of its own.</summary>
internal static class DmCalls
{
    public static SealedBody Sealed(string dm, int payload = 300, int nonce = 24, int ephemeral = 32, string? clientId = null) =>
        new(dm, Random(payload), Random(nonce), Random(ephemeral), 1_700_000_000_000, clientId);

    public static string Random(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));

    /// <summary>An account with an identity key.</summary>
    public static async Task<(string Token, string PublicKey)> Registered(HttpClient http, string name, string? invitedBy)
    {
        var seed = Ed25519.NewSeed();
        var key = Convert.ToHexStringLower(Ed25519.PublicKeyOf(seed));
        var invite = invitedBy is null ? null : (await Call(http, invitedBy, "/api/invites", new { })).GetProperty("code").GetString();
        var challenge = await Call(http, null, "/api/auth/challenge", new { public_key = key });
        var signed = TestUser.LogInBytes(TestUser.OriginOf(http.BaseAddress!), challenge.GetProperty("server_id").GetString()!,
            Convert.FromHexString(challenge.GetProperty("nonce").GetString()!), Convert.FromHexString(key), challenge.GetProperty("expires_at").GetInt64());
        var answer = await Call(http, null, "/api/auth/register", new
        {
            username = name,
            display_name = name,
            invite_code = invite,
            public_key = key,
            challenge_id = challenge.GetProperty("challenge_id").GetString(),
            signature = Convert.ToHexStringLower(Ed25519.Sign(seed, signed)),
        });
        return (answer.GetProperty("access_token").GetString()!, key);
    }

    public static Task<JsonElement> Call(HttpClient http, string? token, string path, object body) => Call(http, token, HttpMethod.Post, path, body);

    public static async Task<JsonElement> Call(HttpClient http, string? token, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public sealed record SealedBody(string conversation_id, string encrypted_payload, string nonce, string ephemeral_pubkey, long timestamp, string? client_id);
}
