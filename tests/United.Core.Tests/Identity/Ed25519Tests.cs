using System.Numerics;
using United.Core.Identity;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class Ed25519Tests
{
    [Theory] // RFC 8032, 7.1
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void The_vectors_of_the_rfc_hold(string seed, string key, string message, string signature)
    {
        Assert.Equal(key, Convert.ToHexStringLower(Ed25519.PublicKeyOf(Bytes(seed))));
        Assert.Equal(signature, Convert.ToHexStringLower(Ed25519.Sign(Bytes(seed), Bytes(message))));
        Assert.True(Ed25519.Verify(Bytes(key), Bytes(message), Bytes(signature)));
    }

    [Fact]
    public void No_flipped_bit_of_a_signature_passes()
    {
        var seed = Ed25519.NewSeed();
        var key = Ed25519.PublicKeyOf(seed);
        var signature = Ed25519.Sign(seed, "words"u8);
        for (var bit = 0; bit < 512; bit++)
        {
            var flipped = (byte[])signature.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Ed25519.Verify(key, "words"u8, flipped));
        }
        Assert.False(Ed25519.Verify(key, "word"u8, signature));
        Assert.False(Ed25519.Verify(key, "words"u8, signature.AsSpan(0, 63)));
    }

    [Fact]
    public void A_signature_with_the_group_order_added_is_refused()
    {
        var seed = Ed25519.NewSeed();
        var signature = Ed25519.Sign(seed, "words"u8);
        var order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", null);
        var s = new BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        byte[] malleated = [.. signature[..32], .. s.ToByteArray(isUnsigned: true)];

        Assert.False(Ed25519.Verify(Ed25519.PublicKeyOf(seed), "words"u8, malleated));
    }

    // The eight points of small order, their spellings that are not canonical, and keys with a part of small order.
    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y = p
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y = p + 1
    [InlineData("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y = p + 3
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")] // x = 0 with the sign 1
    [InlineData("837b2a7c0f9a96124c0a1288209aabb4d8296b74b0f4d34890cc227bec4df8e6")] // plus a point of order 8
    [InlineData("76985cdbd2364a744397b773ed9a33933a0d9390c3775a2aa16fe4f8cb235a8d")] // plus a point of order 2
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000")] // not on the curve
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751")] // 31 bytes
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a00")]
    public void A_poisoned_key_is_not_admitted_and_verifies_nothing(string key)
    {
        // R = the identity point, S = 0: what libcrypto takes as a signature of anything by the identity point.
        byte[] universal = [1, .. new byte[63]];

        Assert.False(KeyAdmission.Admits(Bytes(key)));
        Assert.False(Ed25519.Verify(Bytes(key), "anything"u8, universal));
        Assert.Equal(Fault.ValidationFailed, PublicKeys.Parse(key).Refusal?.Fault);
    }

    [Fact]
    public void Sound_keys_are_admitted_again_and_again()
    {
        Assert.True(KeyAdmission.Admits(Bytes("7767a3242dc9b58bbc68488c1265cc6cc5f26c6f3c88a5d55e901b0734dca572")));
        for (var i = 0; i < 20; i++)
        {
            var key = Ed25519.PublicKeyOf(Ed25519.NewSeed());
            Assert.True(KeyAdmission.Admits(key));
            Assert.True(KeyAdmission.Admits(key));
        }
    }

    [Theory]
    [InlineData("D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A")]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511g")]
    [InlineData("")]
    public void A_key_has_one_spelling(string hex) => Assert.Equal("public_key", PublicKeys.Parse(hex).Refusal?.Field);

    [Fact]
    public void What_is_signed_at_log_in_is_laid_out_as_specified()
    {
        var bytes = PublicKeys.LogInBytes("https://a", "ff", [.. Enumerable.Repeat((byte)7, 32)], [.. Enumerable.Repeat((byte)9, 32)], 0x0102);

        var expected = "00" + Hex("united/login/v1") + "0009" + Hex("https://a") + "0002" + Hex("ff")
            + string.Concat(Enumerable.Repeat("07", 32)) + string.Concat(Enumerable.Repeat("09", 32)) + "0000000000000102";
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }

    private static string Hex(string text) => Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}
