using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// The keys that encrypted messages are sealed for, one per account. Stored as published: checking the signature is for the clients, who
/// should not have to trust the server. A key belongs to the identity key of its moment, and is not given out for a later one.
/// </summary>
public sealed class DmKeys(Database database, INodeBus bus, RateLimits limits, TimeProvider time)
{
    // Up to so many accounts everybody hears of every key, as older clients expect it.
    private const int SmallServer = 1_000;

    private const string Store = """
        insert into dm_public_keys (user_id, ed25519_pubkey, x25519_pubkey, published_at, key_id, created_at, expires_at, signature)
        select id, public_key, @key, @now, @key_id, @created, @expires, @signature from users where id = @me and public_key = @identity
        on conflict (user_id) do update set ed25519_pubkey = excluded.ed25519_pubkey, x25519_pubkey = excluded.x25519_pubkey,
            published_at = excluded.published_at, key_id = excluded.key_id, created_at = excluded.created_at,
            expires_at = excluded.expires_at, signature = excluded.signature
        """;

    private const string Select = $"""
        select {DmKey.Columns} from users u join dm_public_keys k on k.user_id = u.id and k.ed25519_pubkey = u.public_key
        where u.public_key = @identity
        """;

    private const string SelectEverybody = "select id from users where deleted_at is null limit @small";

    private const string SelectCorrespondents = """
        select @me union
        select o.user_id from conversation_members m
            join conversations c on c.id = m.conversation_id and c.kind = 4
            join conversation_members o on o.conversation_id = m.conversation_id
        where m.user_id = @me
        """;

    /// <summary>For the caller's own identity key. Tells those with whom they write, and their own devices.</summary>
    public async Task<Result<DmKey>> Publish(Caller caller, PublishDmKey request, CancellationToken ct = default)
    {
        if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
        if (Refuse(request) is { } refusal) return refusal;
        if (await limits.Ask(Limit.Message, caller.UserId) is { } wait) return wait;
        var key = new DmKey(
            caller.PublicKey, request.PublicKey, time.GetUtcNow().ToUnixTimeMilliseconds(), request.KeyId, request.CreatedAt, request.ExpiresAt, request.Signature);
        var stored = await database.Write(sql => sql.Execute(Store,
            ("key", key.PublicKey), ("now", key.PublishedAt), ("key_id", key.KeyId), ("created", key.CreatedAt), ("expires", key.ExpiresAt),
            ("signature", key.Signature), ("me", caller.UserId), ("identity", Convert.FromHexString(caller.PublicKey))), ct);
        if (stored == 0) return new Refusal(Fault.Conflict, Reason: "The identity key has changed in the meantime.");
        // It stands: whoever writes to the caller has to hear of it, whether or not the caller is still there.
        foreach (var told in (await Hearers(caller.UserId)).Chunk(100)) bus.Publish([.. told.Select(userId => new DmKeyRotated(userId, key))]);
        return key;
    }

    /// <param name="identity">An identity key, lower-case hex.</param>
    public async Task<Result<DmKey>> Find(Caller caller, string identity, CancellationToken ct = default)
    {
        if (caller.PublicKey.Length == 0) return Fault.NoIdentityKey;
        if (!PublicKeys.Parse(identity, "ed25519_pubkey").TryGet(out var key, out var refusal)) return refusal;
        var found = await database.Read(sql => sql.One(Select, DmKey.Map, ("identity", key)), ct);
        return found is null ? Fault.NotFound : found;
    }

    private static Refusal? Refuse(PublishDmKey request)
    {
        if (request.PublicKey.Length != X25519.KeyLength) return Refusal.Invalid("x25519_pubkey", $"has to be {X25519.KeyLength} bytes");
        if (!X25519.Admits(request.PublicKey)) return Refusal.Invalid("x25519_pubkey", "is not a sound X25519 key");
        if (request.KeyId is { Length: not DmKey.KeyIdLength }) return Refusal.Invalid("key_id", $"has to be {DmKey.KeyIdLength} bytes");
        if (request.Signature is { Length: not DmKey.SignatureLength }) return Refusal.Invalid("signature", $"has to be {DmKey.SignatureLength} bytes");
        if (request.CreatedAt < 0) return Refusal.Invalid("created_at", "must not be negative");
        return request.ExpiresAt < 0 ? Refusal.Invalid("expires_at", "must not be negative") : null;
    }

    private Task<List<Guid>> Hearers(Guid userId) => database.Read(async sql =>
    {
        var all = await sql.All(SelectEverybody, row => row.Uuid(0), ("small", SmallServer));
        return all.Count < SmallServer ? all : await sql.All(SelectCorrespondents, row => row.Uuid(0), ("me", userId));
    });
}
