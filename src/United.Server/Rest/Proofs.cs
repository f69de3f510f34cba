using United.Core;
using United.Core.Identity;

namespace United.Server.Rest;

/// <summary>Proofs that somebody holds an identity key, as bodies carry them.</summary>
internal static class Proofs
{
    public static Result<ChallengeAnswer> Of(string publicKey, Guid challengeId, string signature) =>
        PublicKeys.ParseSignature(signature).TryGet(out var bytes, out var refusal) ? new ChallengeAnswer(publicKey, challengeId, bytes) : refusal;

    /// <summary>All three parts, or none of them.</summary>
    /// <returns>Null where there is none.</returns>
    public static Result<ChallengeAnswer?> Optional(string? publicKey, Guid? challengeId, string? signature)
    {
        if (publicKey is null && challengeId is null && signature is null) return null as ChallengeAnswer;
        if (publicKey is null) return Refusal.Invalid("public_key", "is missing");
        if (challengeId is not { } challenge) return Refusal.Invalid("challenge_id", "is missing");
        if (signature is null) return Refusal.Invalid("signature", "is missing");
        return Of(publicKey, challenge, signature).TryGet(out var answer, out var refusal) ? answer : refusal;
    }
}
