using United.Core.Identity;
using United.Testing;

namespace United.Core.Tests.Identity;

/// <summary>The cost of the hashes in <see cref="IdentityScene"/>, counted.</summary>
internal sealed record CountedCost : PasswordCost
{
    private static readonly PasswordCost Cheap = new Scrypt(4, 8, 1);

    private int _computed;

    /// <summary>Hashes since it was asked last.</summary>
    public int Taken() => Interlocked.Exchange(ref _computed, 0);

    public override byte[] Compute(ReadOnlySpan<byte> password, byte[] salt, int length)
    {
        Interlocked.Increment(ref _computed);
        return Cheap.Compute(password, salt, length);
    }

    public override string ToString() => Cheap.ToString();
}
