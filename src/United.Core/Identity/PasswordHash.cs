using System.Globalization;
using System.Security.Cryptography;

namespace United.Core.Identity;

/// <summary>
/// A password hash in PHC form: <c>$scrypt$ln=15,r=8,p=3$salt$hash</c> (RFC 7914, by libcrypto; 32 MiB a log-in) or
/// <c>$pbkdf2-sha512$i=220000$salt$hash</c> where libcrypto is not there. The cost stands in the text, so that it can rise.
/// </summary>
internal sealed record PasswordHash(PasswordCost Cost, byte[] Salt, byte[] Hash)
{
    private const int SaltLength = 16;
    private const int HashLength = 32;

    public static PasswordHash Make(ReadOnlySpan<byte> password, PasswordCost cost)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return new PasswordHash(cost, salt, cost.Compute(password, salt, HashLength));
    }

    public bool Matches(ReadOnlySpan<byte> password) =>
        CryptographicOperations.FixedTimeEquals(Cost.Compute(password, Salt, Hash.Length), Hash);

    public override string ToString() => $"${Cost}${Encode(Salt)}${Encode(Hash)}";

    /// <exception cref="FormatException">The text is not a hash that this program wrote.</exception>
    public static PasswordHash Parse(string text)
    {
        var parts = text.Split('$');
        if (parts is not ["", _, _, _, _]) throw new FormatException("Not a password hash.");
        return new PasswordHash(PasswordCost.Parse(parts[1], parts[2]), Decode(parts[3]), Decode(parts[4]));
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Decode(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
}

internal abstract record PasswordCost
{
    public static PasswordCost Usual { get; } = LibCrypto.IsThere ? new Scrypt(15, 8, 3) : new Pbkdf2(220_000);

    public abstract byte[] Compute(ReadOnlySpan<byte> password, byte[] salt, int length);

    public static PasswordCost Parse(string name, string parameters)
    {
        var numbers = Array.ConvertAll(parameters.Split(','), text => int.Parse(text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture));
        return (name, numbers) switch
        {
            ("scrypt", [var ln, var r, var p]) => new Scrypt(ln, r, p),
            ("pbkdf2-sha512", [var rounds]) => new Pbkdf2(rounds),
            _ => throw new FormatException("Not a password hash."),
        };
    }

    /// <param name="LogN">Memory: 128 · 2^LogN · R bytes.</param>
    internal sealed record Scrypt(int LogN, int R, int P) : PasswordCost
    {
        // Twice what the greatest cost that we ever wrote takes; libcrypto refuses to go above.
        private const ulong MostMemory = 256UL * 1024 * 1024;

        public override byte[] Compute(ReadOnlySpan<byte> password, byte[] salt, int length)
        {
            var key = new byte[length];
            var done = LibCrypto.Scrypt(
                password, (nuint)password.Length, salt, (nuint)salt.Length, 1UL << LogN, (ulong)R, (ulong)P, MostMemory, key, (nuint)length);
            return done == 1 ? key : throw new CryptographicException("scrypt failed.");
        }

        public override string ToString() => $"scrypt$ln={LogN},r={R},p={P}";
    }

    internal sealed record Pbkdf2(int Rounds) : PasswordCost
    {
        public override byte[] Compute(ReadOnlySpan<byte> password, byte[] salt, int length) =>
            Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA512, length);

        public override string ToString() => $"pbkdf2-sha512$i={Rounds}";
    }
}
