using System.Security.Cryptography;

namespace United.Core.Identity;

/// <summary>
/// Ed25519 (RFC 8032) through libcrypto. libcrypto takes poisoned public keys (with the identity point as key every message
/// verifies), so <see cref="Verify"/> asks <see cref="KeyAdmission"/> about each key first.
/// </summary>
public static class Ed25519
{
    public const int KeyLength = 32;
    public const int SignatureLength = 64;

    public static byte[] NewSeed() => RandomNumberGenerator.GetBytes(KeyLength);

    public static byte[] PublicKeyOf(ReadOnlySpan<byte> seed)
    {
        using var key = Private(seed);
        var bytes = new byte[KeyLength];
        var length = (nuint)KeyLength;
        return LibCrypto.GetPublicKey(key, bytes, ref length) == 1 ? bytes : throw new CryptographicException("No public key.");
    }

    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> data)
    {
        using var key = Private(seed);
        using var context = LibCrypto.NewContext();
        var signature = new byte[SignatureLength];
        var length = (nuint)SignatureLength;
        var done = LibCrypto.BeginSign(context, 0, 0, 0, key) == 1 && LibCrypto.Sign(context, signature, ref length, data, (nuint)data.Length) == 1;
        return done ? signature : throw new CryptographicException("Signing failed.");
    }

    /// <returns>False also for a key that <see cref="KeyAdmission"/> refuses, and for keys and signatures of a wrong length.</returns>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureLength || !KeyAdmission.Admits(publicKey)) return false;
        using var key = LibCrypto.NewPublicKey(LibCrypto.Ed25519, 0, publicKey, KeyLength);
        using var context = LibCrypto.NewContext();
        if (key.IsInvalid || LibCrypto.BeginVerify(context, 0, 0, 0, key) != 1) throw new CryptographicException("Verifying failed.");
        var valid = LibCrypto.Verify(context, signature, SignatureLength, data, (nuint)data.Length) == 1;
        // A refused signature leaves an entry in this thread's error queue, where the TLS stack would find it.
        if (!valid) LibCrypto.ClearErrors();
        return valid;
    }

    private static LibCrypto.Key Private(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != KeyLength) throw new CryptographicException($"A seed has {KeyLength} bytes.");
        var key = LibCrypto.NewPrivateKey(LibCrypto.Ed25519, 0, seed, KeyLength);
        return key.IsInvalid ? throw new CryptographicException("Not a private key.") : key;
    }
}
