using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <param name="Nonce">24 bytes, used once by this sender in this conversation: the same again with the same payload answers with the first result.</param>
/// <param name="EphemeralKey">32 bytes.</param>
/// <param name="SentAt">The sender's clock, Unix milliseconds; passed on as it is.</param>
/// <param name="ClientId">1 to 64 printable ASCII characters; the same again answers with the first result, whatever it holds.</param>
public sealed record SendDm(Guid ConversationId, byte[] Payload, byte[] Nonce, byte[] EphemeralKey, long SentAt, string? ClientId = null);

/// <param name="Duplicate">It had been stored before: this is what it is now.</param>
public sealed record SentDm(Message Message, bool Duplicate);

/// <summary>
/// Encrypted messages: numbered and stored by the message log like all others, as bytes that nobody here opens. All that the server can
/// tell about them is how many there are.
/// </summary>
public sealed class DmMessages(Database database, MessageLog log, RateLimits limits, TimeProvider time)
{
    public const int MostPayload = 96 * 1024;
    public const int NonceLength = 24;

    // The end of the year 9999: what every client can show as a date.
    private const long MostSentAt = 253_402_300_799_999;

    private readonly History _history = new(database);

    public async Task<Result<SentDm>> Send(Caller caller, SendDm request, CancellationToken ct = default)
    {
        if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
        if (Refuse(request) is { } refusal) return refusal;
        if (await limits.Ask(Limit.Message, caller.UserId) is { } wait) return wait;
        return await log.Append(caller, new PostDm(caller, request, time), ct);
    }

    /// <summary>A page of an encrypted conversation, for its two.</summary>
    public async Task<Result<HistoryPage>> Page(Caller caller, ReadHistory page, CancellationToken ct = default)
    {
        if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
        var access = await database.Read(sql => ReadAccess.Of(sql, caller.UserId, page.ConversationId), ct);
        return access is { Kind: ConversationKind.Dm } ? await _history.Page(caller, page, ct) : Fault.NotFound;
    }

    private static Refusal? Refuse(SendDm request)
    {
        if (request.Payload.Length == 0) return Refusal.Invalid("encrypted_payload", "is empty");
        if (request.Payload.Length > MostPayload) return new Refusal(Fault.TooLarge, "encrypted_payload", $"has more than {MostPayload} bytes");
        if (request.Nonce.Length != NonceLength) return Refusal.Invalid("nonce", $"has to be {NonceLength} bytes");
        if (request.EphemeralKey.Length != X25519.KeyLength) return Refusal.Invalid("ephemeral_pubkey", $"has to be {X25519.KeyLength} bytes");
        if (request.SentAt is < 0 or > MostSentAt) return Refusal.Invalid("timestamp", "is not a time");
        return PostRules.ClientId(request.ClientId);
    }
}
