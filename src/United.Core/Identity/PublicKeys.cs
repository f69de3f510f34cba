using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace United.Core.Identity;

/// <summary>How identity keys are written, and what is signed with them.</summary>
public static class PublicKeys
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>64 lowercase hexadecimal digits that <see cref="KeyAdmission"/> lets in.</summary>
    public static Result<byte[]> Parse(string hex, string field = "public_key")
    {
        if (HexBytes(hex, Ed25519.KeyLength) is not { } key) return Refusal.Invalid(field, "needs 64 lowercase hexadecimal digits");
        return KeyAdmission.Admits(key) ? key : Refusal.Invalid(field, "is not a sound Ed25519 key");
    }

    /// <summary>128 lowercase hexadecimal digits.</summary>
    public static Result<byte[]> ParseSignature(string hex, string field = "signature") =>
        HexBytes(hex, Ed25519.SignatureLength) is { } signature ? signature : Refusal.Invalid(field, "needs 128 lowercase hexadecimal digits");

    /// <summary>"" where there is none.</summary>
    public static string Hex(byte[]? key) => key is null ? "" : Convert.ToHexStringLower(key);

    /// <summary>
    /// <c>0x00 ‖ "united/login/v1" ‖ LP(origin) ‖ LP(server_id) ‖ nonce ‖ public key ‖ u64 expires_at</c> (specification 3). The
    /// zero keeps it from ever being a protobuf envelope.
    /// </summary>
    internal static byte[] LogInBytes(string origin, string serverId, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> publicKey, long expiresAt)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(0);
        bytes.Write("united/login/v1"u8);
        WritePrefixed(bytes, origin);
        WritePrefixed(bytes, serverId);
        bytes.Write(nonce);
        bytes.Write(publicKey);
        Span<byte> expiry = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(expiry, expiresAt);
        bytes.Write(expiry);
        return bytes.ToArray();
    }

    private static void WritePrefixed(MemoryStream bytes, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)utf8.Length));
        bytes.Write(length);
        bytes.Write(utf8);
    }

    /// <returns>Null where it is not so many bytes in lowercase hexadecimal digits.</returns>
    internal static byte[]? HexBytes(string hex, int length) =>
        hex.Length == length * 2 && !hex.AsSpan().ContainsAnyExcept(Digits) ? Convert.FromHexString(hex) : null;
}
