using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace United.Core.Identity;

/// <summary>
/// A refresh token: which session, its place in that session's line, and 256 secret bits, of which only the SHA-256 is stored. Its
/// successor is derived, HMAC(server's key, secret ‖ place). So the same successor can be given out again when its answer was
/// lost, and a spent one is known for what it is without being kept: its line leads to the live one.
/// </summary>
internal sealed record RefreshToken(Guid SessionId, int Counter, byte[] Secret)
{
    private const int IdLength = 16;
    private const int SecretLength = 32;
    private const int Length = IdLength + 4 + SecretLength;

    // More than a session of 90 days can take at one renewal a minute: bounds the work for a token that claims a far place.
    private const int LongestLine = 130_000;

    public byte[] Hash { get; } = SHA256.HashData(Secret);

    public static RefreshToken First(Guid sessionId) => new(sessionId, 0, RandomNumberGenerator.GetBytes(SecretLength));

    public static RefreshToken? Parse(string text)
    {
        if (text.Length > Length * 2 || !Base64Url.IsValid(text)) return null;
        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length != Length) return null;
        var counter = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(IdLength));
        return new RefreshToken(new Guid(bytes.AsSpan(0, IdLength), bigEndian: true), counter, bytes[^SecretLength..]);
    }

    public RefreshToken Next(byte[] serverKey)
    {
        Span<byte> input = stackalloc byte[SecretLength + 4];
        Secret.CopyTo(input);
        BinaryPrimitives.WriteInt32BigEndian(input[SecretLength..], Counter);
        return new RefreshToken(SessionId, Counter + 1, HMACSHA256.HashData(serverKey, input));
    }

    /// <summary>Whether the token with this place and hash descends from this one.</summary>
    public bool LeadsTo(int counter, byte[] hash, byte[] serverKey)
    {
        if (Counter < 0 || Counter > counter || counter - Counter > LongestLine) return false;
        var token = this;
        while (token.Counter < counter) token = token.Next(serverKey);
        return CryptographicOperations.FixedTimeEquals(token.Hash, hash);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        SessionId.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes[IdLength..], Counter);
        Secret.CopyTo(bytes[(IdLength + 4)..]);
        return Base64Url.EncodeToString(bytes);
    }
}
