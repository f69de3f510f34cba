using System.Numerics;
using System.Security.Cryptography;
using United.Core.DirectMessages;
using Xunit;

namespace United.Core.Tests.DirectMessages;

public sealed class X25519Tests
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;

    // The u-coordinates of RFC 7748's curve and its twist whose points have order 1, 2, 4 or 8, as numbers.
    private static readonly BigInteger[] SmallOrder =
    [
        0, 1, P - 1,
        BigInteger.Parse("325606250916557431795983626356110631294008115727848805560023387167927233504", null),
        BigInteger.Parse("39382357235489614581723060781553021112529911719440698176882885853963445705823", null),
    ];

    [Fact]
    public void Every_point_of_small_order_is_refused_in_every_way_to_write_it()
    {
        foreach (var u in SmallOrder)
        {
            foreach (var written in (BigInteger[])[u, u + P, u + (2 * P)])
            {
                if (written >= BigInteger.Pow(2, 256)) continue;
                Assert.False(X25519.Admits(Bytes(written)), $"{written:x}");
                Assert.False(X25519.Admits(WithHighBit(Bytes(written))), $"{written:x} with its highest bit");
            }
        }
    }

    [Fact]
    public void They_are_what_times_eight_takes_to_nothing()
    {
        foreach (var u in SmallOrder) Assert.Equal(0, TimesEight(u));
        Assert.NotEqual(0, TimesEight(9));
    }

    [Fact]
    public void Nothing_is_admitted_that_is_not_written_canonically()
    {
        for (var above = 0; above < 19; above++) Assert.False(X25519.Admits(Bytes(P + above)), $"p + {above}");
        for (var i = 0; i < 100; i++) Assert.False(X25519.Admits(WithHighBit(RandomNumberGenerator.GetBytes(32))));
        foreach (var length in (int[])[0, 1, 31, 33, 64]) Assert.False(X25519.Admits(new byte[length].AsSpan()));
    }

    [Fact]
    public void Keys_are_admitted()
    {
        Assert.True(X25519.Admits(Bytes(9)));
        Assert.True(X25519.Admits(Bytes(P - 2)));
        for (var i = 0; i < 1_000; i++)
        {
            var key = RandomNumberGenerator.GetBytes(32);
            key[31] &= 0x7F;
            Assert.True(X25519.Admits(key));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("09")]
    [InlineData("0900000000000000000000000000000000000000000000000000000000000000zz")]
    [InlineData("090000000000000000000000000000000000000000000000000000000000000A")]
    public void Only_small_hexadecimal_digits_are_read(string text) => Assert.Equal("key", X25519.Parse(text, "key").Refusal?.Field);

    private static byte[] Bytes(BigInteger number)
    {
        var bytes = new byte[32];
        Assert.True(number.TryWriteBytes(bytes, out _, isUnsigned: true));
        return bytes;
    }

    private static byte[] WithHighBit(byte[] key) => [.. key[..31], (byte)(key[31] | 0x80)];

    // The doubling of the Montgomery curve, by x = X/Z; 0 stands for the neutral element.
    private static BigInteger TimesEight(BigInteger u)
    {
        var (x, z) = (u, BigInteger.One);
        for (var i = 0; i < 3; i++)
        {
            var (plus, minus) = ((x + z) * (x + z) % P, (x - z) * (x - z) % P);
            var rest = (plus - minus + P) % P;
            (x, z) = (plus * minus % P, rest * (minus + (121666 * rest)) % P);
        }
        return z;
    }
}
