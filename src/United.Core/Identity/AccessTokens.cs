using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace United.Core.Identity;

/// <summary>
/// Access tokens: JWT, HS256 and nothing else, of which we are the only issuer and the only reader (RFC 8725). What a token says of
/// rights is for the client's eyes: who holds it is looked up at every call (<see cref="Callers"/>).
/// </summary>
public sealed class AccessTokens(TokenKeys keys, ServerIdentity server, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    private const int MostCharacters = 4096;
    private const string Audience = "united";

    // The MAC for a key that we don't have is computed all the same: time tells nothing of which keys there are.
    private static readonly byte[] NoKey = RandomNumberGenerator.GetBytes(KeyMaterial.Length);

    private static ReadOnlySpan<byte> HeaderStart => "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\""u8;

    private static ReadOnlySpan<byte> HeaderEnd => "\"}"u8;

    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdef"u8);
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private string Issuer => "united:" + server.ServerId;

    public string Issue(User user, Guid sessionId)
    {
        var key = keys.Signing;
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var signed = Base64Url.EncodeToString([.. HeaderStart, .. Encoding.ASCII.GetBytes(key.Id), .. HeaderEnd]) + "." + Encode(json =>
        {
            json.WriteString("iss", Issuer);
            json.WriteString("aud", Audience);
            json.WriteString("sub", user.Id);
            json.WriteString("sid", sessionId);
            json.WriteString("pubkey", user.PublicKey);
            json.WriteString("name", user.DisplayName);
            json.WriteString("role", RoleNames.Of(user.Role));
            json.WriteNumber("iat", now);
            json.WriteNumber("nbf", now);
            json.WriteNumber("exp", now + (long)Lifetime.TotalSeconds);
        });
        return signed + "." + Base64Url.EncodeToString(Mac(key.Secret, signed));
    }

    /// <returns>Null for anything that we did not sign, or that is not valid now.</returns>
    public AccessToken? Verify(string token)
    {
        if (token.Length > MostCharacters || !Ascii.IsValid(token)) return null;
        var parts = token.Split('.');
        if (parts.Length != 3 || Bytes(parts[2]) is not { } mac || KeyNamedBy(parts[0]) is not { } id) return null;
        var key = keys.Find(id);
        var right = CryptographicOperations.FixedTimeEquals(Mac(key?.Secret ?? NoKey, parts[0] + "." + parts[1]), mac);
        return right && key is not null && Bytes(parts[1]) is { } payload ? Read(payload) : null;
    }

    // We write headers in one way only, so no other is read: none of crit, jku, jwk, x5u, zip, b64 is ever looked at.
    private static string? KeyNamedBy(string part)
    {
        if (Bytes(part) is not { } header || !header.AsSpan().StartsWith(HeaderStart) || !header.AsSpan().EndsWith(HeaderEnd)) return null;
        var id = header.AsSpan(HeaderStart.Length..^HeaderEnd.Length);
        return id.Length == TokenKey.IdLength && !id.ContainsAnyExcept(Hex) ? Encoding.ASCII.GetString(id) : null;
    }

    private AccessToken? Read(byte[] payload)
    {
        if (Parse(payload) is not { } claims) return null;
        using (claims)
        {
            var root = claims.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "iss") != Issuer || Text(root, "aud") != Audience || !IsInTime(root)) return null;
            return Ids.TryParse(Text(root, "sub"), out var user) && Ids.TryParse(Text(root, "sid"), out var session) ? new AccessToken(user, session) : null;
        }
    }

    private bool IsInTime(JsonElement claims)
    {
        if (Number(claims, "iat") is not { } issued || Number(claims, "nbf") is not { } from || Number(claims, "exp") is not { } until) return false;
        var (now, skew) = (time.GetUtcNow().ToUnixTimeSeconds(), (long)Skew.TotalSeconds);
        return issued <= now + skew && from <= now + skew && until > now - skew && until > issued && until - issued <= (long)Lifetime.TotalSeconds;
    }

    private static byte[] Mac(byte[] key, string signed) => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed));

    private static string Encode(Action<Utf8JsonWriter> members)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(bytes, Compact))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Base64Url.EncodeToString(bytes.WrittenSpan);
    }

    // Canonical only: no padding, no spaces, no stray bits at the end. So no token has a second spelling.
    private static byte[]? Bytes(string part)
    {
        if (!Base64Url.IsValid(part)) return null;
        var bytes = Base64Url.DecodeFromChars(part);
        return Base64Url.EncodeToString(bytes) == part ? bytes : null;
    }

    private static JsonDocument? Parse(byte[]? json)
    {
        try
        {
            return json is null ? null : JsonDocument.Parse(json, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;
}

/// <summary>What a valid access token proves: that this session was this user's when it was issued.</summary>
public readonly record struct AccessToken(Guid UserId, Guid SessionId);
