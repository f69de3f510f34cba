using United.Core;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Moderation;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>Somebody who proved who they are.</summary>
/// <param name="Greeting">auth_result and hello, framed, the first that a signed-in connection hears.</param>
internal sealed record Welcome(Caller Caller, byte[] Greeting);

/// <summary>10 to 15: sign-in by access token, or by identity key.</summary>
internal sealed class AuthFrames(
    Callers callers, Challenges challenges, LogIns logIns, ServerIdentity server, LimitsOptions limits, TimeProvider time)
{
    public async Task<Result<Envelope>> Challenge(Visitor visitor, ChallengeExchange request, CancellationToken ct) =>
        Fields.Answer(await challenges.Make(request.PublicKey, visitor, ct), challenge => new()
        {
            ChallengeRequest = new ChallengeExchange
            {
                PublicKey = request.PublicKey,
                ChallengeId = Shapes.Id(challenge.Id),
                Nonce = Convert.ToHexStringLower(challenge.Nonce),
                ServerId = challenge.ServerId,
                ExpiresAt = (ulong)challenge.ExpiresAt,
            },
        });

    public async Task<Result<Welcome>> Token(Envelope request, CancellationToken ct)
    {
        if (!(await callers.Of(request.TokenAuth.AccessToken, ct)).TryGet(out var caller, out var refusal)) return refusal;
        return Greet(caller, request.RequestId, new AuthResult());
    }

    public async Task<Result<Welcome>> Key(Visitor visitor, Envelope request, CancellationToken ct)
    {
        var proof = request.ChallengeResponse;
        if (!Fields.Id(proof.ChallengeId, "challenge_id").TryGet(out var challenge, out var refusal)) return refusal;
        var answer = new ChallengeAnswer(proof.PublicKey, challenge, proof.Signature.ToByteArray());
        if (!(await logIns.WithKey(answer, visitor, ct)).TryGet(out var signedIn, out refusal)) return refusal;
        if (!(await callers.Resolve(signedIn.User.Id, signedIn.SessionId, ct)).TryGet(out var caller, out refusal)) return refusal;
        return Greet(caller, request.RequestId, new AuthResult
        {
            AccessToken = signedIn.AccessToken,
            RefreshToken = signedIn.RefreshToken,
            ExpiresIn = (uint)signedIn.ExpiresIn.TotalSeconds,
        });
    }

    private Welcome Greet(Caller caller, string requestId, AuthResult result)
    {
        (result.Ok, result.UserId, result.SessionId, result.LogEpoch) = (true, Shapes.Id(caller.UserId), Shapes.Id(caller.SessionId), server.LogEpoch);
        return new Welcome(caller,
        [
            .. EnvelopeFrame.Encode(new Envelope { RequestId = requestId, AuthResult = result }),
            .. EnvelopeFrame.Encode(new Envelope { Hello = Hello(caller) }),
        ]);
    }

    private Hello Hello(Caller caller) => new()
    {
        UserId = Shapes.Id(caller.UserId),
        SessionId = Shapes.Id(caller.SessionId),
        Username = caller.Username,
        DisplayName = caller.DisplayName,
        PublicKey = caller.PublicKey,
        Role = RoleNames.Of(caller.Role),
        LogEpoch = server.LogEpoch,
        ServerTime = (ulong)time.GetUtcNow().ToUnixTimeMilliseconds(),
        Limits = ServerFrames.LimitsOf(limits),
    };
}
