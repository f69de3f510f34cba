using Google.Protobuf;
using United.Core.Identity;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;
using Case = United.Wire.Ws.Envelope.PayloadOneofCase;

namespace United.Server.Tests.ProtoSocket;

public sealed class SignInTests
{
    private static Envelope Token(string token) => new() { TokenAuth = new TokenAuth { AccessToken = token } };

    [Theory, EachDatabase]
    public async Task A_token_as_the_first_frame_signs_in_and_the_hello_follows(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        await using var client = await ProtoClient.Open(scene.Address);
        var result = (await client.Ask(Token(scene.Owner.AccessToken))).AuthResult;
        Assert.True(result.Ok);
        Assert.Equal(scene.Owner.Id.ToString(), result.UserId);
        Assert.Equal(scene.Owner.SessionId.ToString(), result.SessionId);
        var hello = (await client.Pushed(push => push.Hello is not null)).Hello;
        Assert.Equal("owner", hello.Username);
        Assert.Equal("owner", hello.Role);
        Assert.Equal(scene.Owner.PublicKey, hello.PublicKey);
        Assert.Equal(result.LogEpoch, hello.LogEpoch);
        Assert.Equal(131_072u, hello.Limits.FrameBytes);
    }

    [Theory, EachDatabase]
    public async Task An_identity_key_signs_in_by_challenge_and_gets_the_tokens_of_a_log_in(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var user = await scene.Join("bot");
        await using var client = await ProtoClient.Open(scene.Address);
        var result = await AnswerChallenge(client, scene.Address, user);
        Assert.True(result.Ok);
        Assert.Equal(user.Id.ToString(), result.UserId);
        Assert.NotEqual(user.SessionId.ToString(), result.SessionId);
        Assert.Equal(600u, result.ExpiresIn);
        Assert.NotEmpty(result.RefreshToken);
        await using var second = await ProtoClient.SignIn(scene.Address, result.AccessToken);
        await client.Pushed(push => push.Hello is not null);
    }

    [Theory, EachDatabase]
    public async Task A_challenge_signed_for_another_origin_or_by_another_key_or_twice_is_refused(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var user = await scene.Join("bot");
        await using var elsewhere = await ProtoClient.Open(scene.Address);
        Assert.Equal("signature_invalid", (await AnswerChallenge(elsewhere, new Uri("https://evil.example"), user)).Error);
        Assert.Equal(4401, await CloseCodeOf(elsewhere));
        await using var forged = await ProtoClient.Open(scene.Address);
        Assert.Equal("signature_invalid", (await AnswerChallenge(forged, scene.Address, user, signWith: Ed25519.NewSeed())).Error);
        Assert.Equal(4401, await CloseCodeOf(forged));
        await using var unknown = await ProtoClient.Open(scene.Address);
        var stranger = user with { Seed = Ed25519.NewSeed() };
        Assert.Equal("invalid_credentials", (await AnswerChallenge(unknown, scene.Address, stranger)).Error);
    }

    [Fact]
    public async Task What_the_server_is_can_be_asked_before_sign_in()
    {
        await using var scene = await WireScene.On();
        await using var client = await ProtoClient.Open(scene.Address);
        var info = (await client.Ask(new Envelope { ServerInfoRequest = new ServerInfoRequest() })).ServerInfoResponse;
        Assert.Equal(64, info.ServerId.Length);
        Assert.False(info.SetupNeeded);
        Assert.Equal("invite", info.Registration);
        Assert.NotNull((await client.Ask(new Envelope { Ping = new Ping() })).Pong);
    }

    [Theory]
    [InlineData(Case.SendMessage)]
    [InlineData(Case.SyncRequest)]
    [InlineData(Case.FetchHistoryRequest)]
    [InlineData(Case.BlobStoreRequest)]
    [InlineData(Case.Hello)]
    [InlineData(Case.None)]
    public async Task Anything_else_before_sign_in_is_401_and_4401(Case payload)
    {
        await using var scene = await WireScene.On();
        await using var client = await ProtoClient.Open(scene.Address);
        var answer = await client.Ask(Empty(payload));
        Assert.Equal(401u, answer.Error.Code);
        Assert.Equal("unauthorized", answer.Error.Fault);
        Assert.Equal(4401, await CloseCodeOf(client));
    }

    [Fact]
    public async Task Who_has_not_signed_in_after_ten_seconds_is_closed_and_who_has_is_not()
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(time: time);
        await using var late = await ProtoClient.Open(scene.Address);
        await using var signedIn = await ProtoClient.SignIn(scene.Address, scene.Owner.AccessToken);
        // Its deadline runs once it has been answered something.
        await late.Ask(new Envelope { Ping = new Ping() });
        time.Advance(TimeSpan.FromSeconds(9));
        await late.Ask(new Envelope { Ping = new Ping() });
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(4401, await CloseCodeOf(late));
        Assert.Contains(late.Pushes, push => push.Error is { Code: 401 });
        Assert.NotNull((await signedIn.Ask(new Envelope { Ping = new Ping() })).Pong);
    }

    [Fact]
    public async Task Before_sign_in_a_message_over_2_KiB_is_too_large_and_afterwards_it_is_not()
    {
        await using var scene = await WireScene.On();
        var big = new Envelope { TokenAuth = new TokenAuth { AccessToken = new string('a', 2_100) } };
        var stranger = await scene.Raw();
        await stranger.Send(big);
        Assert.Equal(1009, await stranger.ReceiveClose());
        var member = await scene.Raw(scene.Owner);
        await member.Send(big);
        Assert.Equal("conflict", (await member.ReceiveEnvelope(answer => answer.Error is not null)).Error.Fault);
    }

    [Theory, EachDatabase]
    public async Task Signing_in_twice_on_one_connection_is_a_conflict(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var other = await scene.Join("other");
        var client = await scene.Listen(scene.Owner);
        Assert.Equal("conflict", (await client.Ask(Token(other.AccessToken))).Error.Fault);
    }

    [Theory, EachDatabase]
    public async Task An_access_token_that_runs_out_does_not_cut_the_connection(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time);
        var client = await scene.Listen(scene.Owner);
        for (var passed = TimeSpan.Zero; passed < AccessTokens.Lifetime + TimeSpan.FromMinutes(2); passed += TimeSpan.FromSeconds(10))
        {
            time.Advance(TimeSpan.FromSeconds(10));
            // The heart beats by the same clock: an answer in every interval says that this end is alive.
            await client.Ask(new Envelope { Ping = new Ping() });
        }
        Assert.False((await scene.Core.Identity.Callers.Of(scene.Owner.AccessToken)).Ok);
        Assert.NotNull((await client.Ask(new Envelope { SyncRequest = new SyncRequest() })).SyncResponse);
    }

    private static Envelope Empty(Case payload) => payload switch
    {
        Case.SendMessage => new() { SendMessage = new SendMessage { Content = "hello" } },
        Case.SyncRequest => new() { SyncRequest = new SyncRequest() },
        Case.FetchHistoryRequest => new() { FetchHistoryRequest = new() },
        Case.BlobStoreRequest => new() { BlobStoreRequest = new BlobStoreRequest() },
        Case.Hello => new() { Hello = new Hello() },
        _ => new(),
    };

    private static async Task<int?> CloseCodeOf(ProtoClient client)
    {
        await client.Ended;
        return client.CloseCode;
    }

    private static async Task<AuthResult> AnswerChallenge(ProtoClient client, Uri origin, TestUser user, byte[]? signWith = null)
    {
        var challenge = (await client.Ask(new Envelope { ChallengeRequest = new ChallengeExchange { PublicKey = user.PublicKey } })).ChallengeRequest;
        var signed = TestUser.LogInBytes(
            TestUser.OriginOf(origin), challenge.ServerId, Convert.FromHexString(challenge.Nonce), Convert.FromHexString(user.PublicKey), (long)challenge.ExpiresAt);
        return (await client.Ask(new Envelope
        {
            ChallengeResponse = new ChallengeResponse
            {
                PublicKey = user.PublicKey,
                ChallengeId = challenge.ChallengeId,
                Signature = ByteString.CopyFrom(Ed25519.Sign(signWith ?? user.Seed, signed)),
            },
        })).AuthResult;
    }
}
