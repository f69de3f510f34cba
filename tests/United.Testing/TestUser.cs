using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using United.Core;
using United.Core.Identity;

namespace United.Testing;

/// <summary>An account with an identity key, and a session that stands.</summary>
public sealed record TestUser(Guid Id, string Username, byte[] Seed, Guid SessionId, string AccessToken, string RefreshToken)
{
    public string PublicKey => Convert.ToHexStringLower(Ed25519.PublicKeyOf(Seed));

    /// <summary>Registers with a fresh identity key. The first one becomes the owner, later ones come by the owner's invitation.</summary>
    public static async Task<TestUser> Register(CoreSetup core, Uri server, string username, TestUser? invitedBy = null)
    {
        var visitor = VisitorTo(server) with { IsLocal = invitedBy is null };
        var seed = Ed25519.NewSeed();
        var invite = invitedBy is null ? null : await Invite(core, invitedBy);
        var request = new Register(username, username, Key: await Prove(core, seed, visitor), InviteCode: invite);
        var signedIn = (await core.Identity.Registration.Register(request, visitor)).Value;
        return new TestUser(signedIn.User.Id, username, seed, signedIn.SessionId, signedIn.AccessToken, signedIn.RefreshToken);
    }

    /// <summary>Another session of the same account.</summary>
    public async Task<TestUser> SignIn(CoreSetup core, Uri server)
    {
        var visitor = VisitorTo(server);
        var signedIn = (await core.Identity.LogIns.WithKey(await Prove(core, Seed, visitor), visitor)).Value;
        return this with { SessionId = signedIn.SessionId, AccessToken = signedIn.AccessToken, RefreshToken = signedIn.RefreshToken };
    }

    public async Task<Caller> Caller(CoreSetup core) => (await core.Identity.Callers.Resolve(Id, SessionId)).Value;

    public static string OriginOf(Uri server) => server.GetLeftPart(UriPartial.Authority);

    /// <summary>What an identity key signs to sign in, written after the specification and not after the server.</summary>
    public static byte[] LogInBytes(string origin, string serverId, byte[] nonce, byte[] publicKey, long expiresAt)
    {
        var until = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(until, expiresAt);
        return [0, .. "united/login/v1"u8, .. Prefixed(origin), .. Prefixed(serverId), .. nonce, .. publicKey, .. until];
    }

    // From an address of its own: how often one address may come is another test's business.
    private static Visitor VisitorTo(Uri server) => new(new IPAddress(RandomNumberGenerator.GetBytes(4)), "test", OriginOf(server));

    private static async Task<ChallengeAnswer> Prove(CoreSetup core, byte[] seed, Visitor visitor)
    {
        var key = Ed25519.PublicKeyOf(seed);
        var challenge = (await core.Identity.Challenges.Make(Convert.ToHexStringLower(key), visitor)).Value;
        var signed = LogInBytes(visitor.Origin, challenge.ServerId, challenge.Nonce, key, challenge.ExpiresAt);
        return new ChallengeAnswer(Convert.ToHexStringLower(key), challenge.Id, Ed25519.Sign(seed, signed));
    }

    private static byte[] Prefixed(string text)
    {
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)Encoding.UTF8.GetByteCount(text));
        return [.. length, .. Encoding.UTF8.GetBytes(text)];
    }

    private static async Task<string> Invite(CoreSetup core, TestUser owner) =>
        (await core.Identity.Invites.Create(await owner.Caller(core), new CreateInvite())).Value.Code;
}
