using United.Core.Identity;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.DirectMessages;

/// <summary>
/// The key to seal messages for, if they are meant for this identity. Where there is a signature clients check it: to them, this server might
/// be lying.
/// </summary>
/// <param name="Owner">The identity key, lower-case hex.</param>
/// <param name="PublishedAt">Unix milliseconds, by our clock.</param>
/// <param name="CreatedAt">By the owner's clock, signed.</param>
/// <param name="ExpiresAt">By the owner's clock, signed.</param>
public sealed record DmKey(
    string Owner, byte[] PublicKey, long PublishedAt, byte[]? KeyId = null, long? CreatedAt = null, long? ExpiresAt = null, byte[]? Signature = null)
{
    public const int KeyIdLength = 8;
    public const int SignatureLength = 64;

    internal const string Columns = "u.public_key, k.x25519_pubkey, k.published_at, k.key_id, k.created_at, k.expires_at, k.signature";

    internal static DmKey Map(SqlRow row) => new(
        PublicKeys.Hex(row.Bytes(0)), row.Bytes(1), row.Int64(2), row.BytesOrNull(3), row.Int64OrNull(4), row.Int64OrNull(5), row.BytesOrNull(6));
}

/// <param name="PublicKey">X25519.</param>
public sealed record PublishDmKey(byte[] PublicKey, byte[]? KeyId = null, long? CreatedAt = null, long? ExpiresAt = null, byte[]? Signature = null);

/// <summary>Somebody published a key: what is sealed for the older one may not be read any more.</summary>
/// <param name="UserId">Who is told.</param>
public sealed record DmKeyRotated(Guid UserId, DmKey Key) : UserEvent(UserId);
