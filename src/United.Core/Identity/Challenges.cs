using System.Security.Cryptography;
using United.Core.Moderation;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// Proof that somebody holds an identity key: a nonce, good for 60 s and one use, to be signed together with our origin and our
/// server id, so that nobody can pass it on from another server. Given for any sound key, so it tells of no account.
/// </summary>
public sealed class Challenges(Database database, ServerIdentity server, RateLimits limits, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    public async Task<Result<Challenge>> Make(string publicKey, Visitor visitor, CancellationToken ct = default)
    {
        if (await limits.Ask(Limit.Challenge, RateLimits.Subject(visitor.Address)) is { } tooOften) return tooOften;
        if (!PublicKeys.Parse(publicKey).TryGet(out var key, out var refusal)) return refusal;
        var challenge = new Challenge(Ids.New(time), RandomNumberGenerator.GetBytes(32), server.ServerId, Now + (long)Lifetime.TotalMilliseconds);
        await database.Write(async sql =>
        {
            await sql.Execute("delete from auth_challenges where expires_at < @now", ("now", Now));
            await sql.Execute("insert into auth_challenges (id, public_key, nonce, expires_at) values (@id, @key, @nonce, @until)",
                ("id", challenge.Id), ("key", key), ("nonce", challenge.Nonce), ("until", challenge.ExpiresAt));
        }, ct);
        return challenge;
    }

    /// <summary>Spends a challenge, whether or not the answer is right.</summary>
    /// <returns>What was signed, and by which key.</returns>
    internal async Task<Result<Proof>> Redeem(ChallengeAnswer answer, Visitor visitor, CancellationToken ct)
    {
        if (!PublicKeys.Parse(answer.PublicKey).TryGet(out var key, out var refusal)) return refusal;
        var spent = await database.Write(sql => sql.One(
            "delete from auth_challenges where id = @id and public_key = @key returning nonce, expires_at",
            row => new { Nonce = row.Bytes(0), ExpiresAt = row.Int64(1) }, ("id", answer.ChallengeId), ("key", key)), ct);
        if (spent is null || spent.ExpiresAt <= Now) return new Refusal(Fault.SignatureInvalid, "challenge_id", "is unknown, spent or too old");
        var signed = PublicKeys.LogInBytes(visitor.Origin, server.ServerId, spent.Nonce, key, spent.ExpiresAt);
        return Ed25519.Verify(key, signed, answer.Signature) ? new Proof(key, signed) : new Refusal(Fault.SignatureInvalid, "signature");
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <param name="ExpiresAt">Unix milliseconds.</param>
public sealed record Challenge(Guid Id, byte[] Nonce, string ServerId, long ExpiresAt);

/// <param name="PublicKey">Lower-case hex.</param>
/// <param name="Signature">64 bytes.</param>
public sealed record ChallengeAnswer(string PublicKey, Guid ChallengeId, byte[] Signature);

internal sealed record Proof(byte[] PublicKey, byte[] Signed);
