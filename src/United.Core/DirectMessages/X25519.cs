using United.Core.Identity;

namespace United.Core.DirectMessages;

/// <summary>
/// Whether 32 bytes may be somebody's X25519 key: written canonically (below 2^255 - 19), and not one of the five u-coordinates of small
/// order on the curve and its twist (RFC 7748, 6.1). With one of those the shared secret is zero, whatever the other side's key.
/// </summary>
public static class X25519
{
    public const int KeyLength = 32;

    private static readonly byte[] P = Convert.FromHexString("EDFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F");

    // 0 (order 4 and the neutral element), 1 (order 4), two of order 8, and p - 1 (order 2 of the twist).
    private static readonly byte[][] SmallOrder =
    [
        new byte[KeyLength],
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("E0EB7A7C3B41B8AE1656E3FAF19FC46ADA098DEB9C32B1FD866205165F49B800"),
        Convert.FromHexString("5F9C95BCA3508C24B1D0B1559C83EF5B04445CC4581C8E86D8224EDDD09F1157"),
        Convert.FromHexString("ECFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F"),
    ];

    public static bool Admits(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyLength || !IsBelowP(key)) return false;
        foreach (var small in SmallOrder)
        {
            if (key.SequenceEqual(small)) return false;
        }
        return true;
    }

    /// <summary>64 lowercase hexadecimal digits.</summary>
    public static Result<byte[]> Parse(string hex, string field) =>
        PublicKeys.HexBytes(hex, KeyLength) is { } key ? key : Refusal.Invalid(field, "needs 64 lowercase hexadecimal digits");

    // Little-endian: the highest byte is the last.
    private static bool IsBelowP(ReadOnlySpan<byte> key)
    {
        for (var i = KeyLength - 1; i >= 0; i--)
        {
            if (key[i] != P[i]) return key[i] < P[i];
        }
        return false;
    }
}
