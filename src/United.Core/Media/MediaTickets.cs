using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using United.Core.Storage;

namespace United.Core.Media;

/// <summary>
/// What stands in an address in the place of a token: good for half a minute, one file and as long as the session stands for which it was made.
/// The key lies in <c>server_state</c>, so that every node reads what another wrote.
/// </summary>
public sealed class MediaTickets
{
    internal static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private const string KeyName = "media_ticket_key";
    private const int ClaimBytes = 40, Length = ClaimBytes + HMACSHA256.HashSizeInBytes;

    private readonly byte[] _key;
    private readonly TimeProvider _time;

    private MediaTickets(byte[] key, TimeProvider time) => (_key, _time) = (key, time);

    public static async Task<MediaTickets> Load(Database database, TimeProvider time, CancellationToken ct = default)
    {
        await database.Write(sql => sql.Execute("insert into server_state (name, value) values (@name, @value) on conflict (name) do nothing",
            ("name", KeyName), ("value", RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes))), ct);
        var key = await database.Read(sql => sql.One("select value from server_state where name = @name", row => row.Bytes(0), ("name", KeyName)), ct);
        return new MediaTickets(key!, time);
    }

    public MediaTicket Make(Caller caller, Guid mediaId)
    {
        var expiresAt = (_time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds();
        var ticket = new byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(ticket, expiresAt);
        caller.UserId.TryWriteBytes(ticket.AsSpan(8), bigEndian: true, out _);
        caller.SessionId.TryWriteBytes(ticket.AsSpan(24), bigEndian: true, out _);
        Seal(ticket.AsSpan(0, ClaimBytes), mediaId).CopyTo(ticket, ClaimBytes);
        return new MediaTicket(Base64Url.EncodeToString(ticket), expiresAt);
    }

    /// <returns>Whose session it was made for; null: not for this file, not by this server, or too late.</returns>
    public (Guid UserId, Guid SessionId)? Read(string text, Guid mediaId)
    {
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.IsValid(text)) return null;
        var ticket = Base64Url.DecodeFromChars(text).AsSpan();
        if (!CryptographicOperations.FixedTimeEquals(Seal(ticket[..ClaimBytes], mediaId), ticket[ClaimBytes..])) return null;
        if (BinaryPrimitives.ReadInt64BigEndian(ticket) < _time.GetUtcNow().ToUnixTimeMilliseconds()) return null;
        return (new Guid(ticket.Slice(8, 16), bigEndian: true), new Guid(ticket.Slice(24, 16), bigEndian: true));
    }

    private byte[] Seal(ReadOnlySpan<byte> claims, Guid mediaId)
    {
        Span<byte> sealedBytes = stackalloc byte[ClaimBytes + 16];
        claims.CopyTo(sealedBytes);
        mediaId.TryWriteBytes(sealedBytes[ClaimBytes..], bigEndian: true, out _);
        return HMACSHA256.HashData(_key, sealedBytes);
    }
}

/// <param name="ExpiresAt">Unix milliseconds.</param>
public sealed record MediaTicket(string Text, long ExpiresAt);
