using System.Security.Cryptography;

namespace United.Core.Identity;

internal static class KeyMaterial
{
    public const int Length = 32;

    // 32 random bytes have fewer than 16 different values once in 10^15 times; a sample or a placeholder nearly always has.
    private const int LeastDifferentBytes = 16;

    /// <exception cref="CryptographicException">Nobody made this key at random: the program must not start with it.</exception>
    public static byte[] Checked(byte[] key) => key.Length == Length && key.Distinct().Count() >= LeastDifferentBytes
        ? key
        : throw new CryptographicException("A key of this server is not random. Restore the database, or remove the key so that a new one is made.");
}
