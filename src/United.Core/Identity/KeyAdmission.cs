using System.Collections.Concurrent;
using System.Numerics;

namespace United.Core.Identity;

/// <summary>
/// Whether 32 bytes may be somebody's Ed25519 key: written canonically, on the curve, and in the subgroup of prime order (so not
/// of small order). The big-number arithmetic takes a millisecond or two, and its time depends on the key: these
/// are public. What was admitted is remembered.
/// </summary>
internal static class KeyAdmission
{
    private const int MostRemembered = 50_000;

    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger L = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);

    private static readonly ConcurrentDictionary<UInt128Pair, bool> Remembered = new();

    public static bool Admits(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Ed25519.KeyLength) return false;
        var name = UInt128Pair.Of(publicKey);
        if (Remembered.ContainsKey(name)) return true;
        if (Point.Decode(publicKey) is not { IsNeutral: false } point || !point.Times(L).IsNeutral) return false;
        if (Remembered.Count >= MostRemembered) Remembered.Clear();
        Remembered[name] = true;
        return true;
    }

    private static BigInteger Mod(BigInteger value)
    {
        var rest = value % P;
        return rest.Sign < 0 ? rest + P : rest;
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);

    private readonly record struct UInt128Pair(UInt128 Low, UInt128 High)
    {
        public static UInt128Pair Of(ReadOnlySpan<byte> bytes) => new(
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]));
    }

    // Extended coordinates, and the addition that holds for all points (RFC 8032, 5.1.4).
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T)
    {
        private static Point Neutral => new(0, 1, 1, 0);

        public bool IsNeutral => X.IsZero && Y == Z;

        /// <summary>RFC 8032, 5.1.3. Null where y is not below p, x does not exist, or x = 0 is given the sign 1.</summary>
        public static Point? Decode(ReadOnlySpan<byte> bytes)
        {
            var y = new BigInteger(bytes, isUnsigned: true);
            var sign = (int)(y >> 255);
            y &= (BigInteger.One << 255) - 1;
            if (y >= P || RootX(y) is not { } x || (x.IsZero && sign == 1)) return null;
            if ((int)(x & 1) != sign) x = P - x;
            return new Point(x, y, 1, Mod(x * y));
        }

        public Point Times(BigInteger factor)
        {
            var (sum, power) = (Neutral, this);
            for (; factor > 0; factor >>= 1, power = power.Plus(power))
            {
                if (!factor.IsEven) sum = sum.Plus(power);
            }
            return sum;
        }

        private Point Plus(Point other)
        {
            var a = Mod((Y - X) * (other.Y - other.X));
            var b = Mod((Y + X) * (other.Y + other.X));
            var c = Mod(2 * T * other.T * D);
            var d = Mod(2 * Z * other.Z);
            var (e, f, g, h) = (b - a, d - c, d + c, b + a);
            return new Point(Mod(e * f), Mod(g * h), Mod(f * g), Mod(e * h));
        }

        private static BigInteger? RootX(BigInteger y)
        {
            var square = Mod(((y * y) - 1) * Inverse((D * y * y) + 1));
            var root = BigInteger.ModPow(square, (P + 3) / 8, P);
            if (Mod(root * root) != square) root = Mod(root * RootOfMinusOne);
            return Mod(root * root) == square ? root : null;
        }
    }
}
