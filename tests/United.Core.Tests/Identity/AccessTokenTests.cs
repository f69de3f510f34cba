using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using United.Core.Identity;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

/// <summary>The checklist of RFC 8725, as attacks.</summary>
public sealed class AccessTokenTests
{
    private const string Header = """{"alg":"HS256","typ":"at+jwt","kid":"KID"}""";

    [Fact]
    public async Task A_token_carries_what_the_specification_names()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var seed = IdentityScene.NewSeed();
        await scene.Owner();
        var ann = await scene.Member("ann", seed);
        var now = scene.Time.GetUtcNow().ToUnixTimeSeconds();

        var claims = Claims(ann.AccessToken);

        Assert.Equal(
            ["iss", "aud", "sub", "sid", "pubkey", "name", "role", "iat", "nbf", "exp"], claims.Select(claim => claim.Key));
        Assert.Equal(
            (ann.User.Id.ToString(), ann.SessionId.ToString(), IdentityScene.KeyOf(seed), "ann", "member", now, now, now + 600),
            ((string)claims["sub"]!, (string)claims["sid"]!, (string)claims["pubkey"]!, (string)claims["name"]!, (string)claims["role"]!,
                (long)claims["iat"]!, (long)claims["nbf"]!, (long)claims["exp"]!));
        Assert.Equal(new AccessToken(ann.User.Id, ann.SessionId), scene.Slice.Tokens.Verify(ann.AccessToken));
        Assert.True(ann.AccessToken.Length < 2048);
    }

    [Fact]
    public async Task The_longest_name_still_fits_where_sockets_take_two_kibibytes()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var owner = await scene.Owner();
        var caller = await scene.CallerOf(owner);

        var user = IdentityScene.Ok(await scene.Slice.Accounts.Change(caller, new ChangeProfile(string.Concat(Enumerable.Repeat("漢\u0336\u0336\u0336", 64)))));

        Assert.True(scene.Slice.Tokens.Issue(user, owner.SessionId).Length < 2048);
    }

    [Fact]
    public async Task No_changed_character_is_taken()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var token = (await scene.Owner()).AccessToken;
        for (var at = 0; at < token.Length; at++)
        {
            foreach (var other in (char[])['A', 'B', 'z', '_', '-', '.', '=', '+', '/', ' ', 'é', '\0'])
            {
                if (token[at] != other) Assert.Null(scene.Slice.Tokens.Verify(token[..at] + other + token[(at + 1)..]));
            }
        }
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"at+jwt","kid":"KID"}""")]
    [InlineData("""{"alg":"nOnE","typ":"at+jwt","kid":"KID"}""")]
    [InlineData("""{"alg":"RS256","typ":"at+jwt","kid":"KID"}""")]
    [InlineData("""{"alg":"HS512","typ":"at+jwt","kid":"KID"}""")]
    [InlineData("""{"alg":"hs256","typ":"at+jwt","kid":"KID"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","kid":"KID"}""")]
    [InlineData("""{"alg":"HS256","kid":"KID"}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt","kid":"../../etc/passwd"}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt","kid":"0000000000000000"}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt","kid":"\ud800"}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt","kid":"KID","jku":"https://evil.example/keys"}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt","kid":"KID","crit":["exp"]}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt","kid":"KID","zip":"DEF"}""")]
    [InlineData("""{"alg":"HS256","alg":"HS256","typ":"at+jwt","kid":"KID"}""")]
    [InlineData("""{ "alg":"HS256","typ":"at+jwt","kid":"KID"}""")]
    [InlineData("""["HS256"]""")]
    [InlineData("")]
    public async Task Another_header_is_refused_even_rightly_signed(string header)
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var token = (await scene.Owner()).AccessToken;

        Assert.Null(scene.Slice.Tokens.Verify(Forge(scene, header, Claims(token).ToJsonString())));
    }

    [Fact]
    public async Task Forging_works_where_nothing_is_wrong()
    {
        // Keeps the other tests honest: their tokens are refused for what they change, not for how they are made.
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var owner = await scene.Owner();

        Assert.NotNull(scene.Slice.Tokens.Verify(Forge(scene, Header, Claims(owner.AccessToken).ToJsonString())));
    }

    [Theory]
    [InlineData("iss", "\"united:00\"")]
    [InlineData("aud", "\"somebody else\"")]
    [InlineData("aud", "[\"united\"]")]
    [InlineData("sub", "\"me\"")]
    [InlineData("sub", "7")]
    [InlineData("sid", "null")]
    [InlineData("exp", "\"9999999999\"")]
    [InlineData("exp", "99999999999")]
    [InlineData("exp", "1e12")]
    [InlineData("exp", "1767225601.5")]
    [InlineData("exp", "-1")]
    [InlineData("nbf", "1767225662")]
    [InlineData("iat", "1767225662")]
    [InlineData("iat", "0")]
    [InlineData("nbf", "{}")]
    public async Task A_wrong_claim_is_refused_even_rightly_signed(string claim, string value)
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var claims = Claims((await scene.Owner()).AccessToken);
        claims[claim] = JsonNode.Parse(value);

        Assert.Null(scene.Slice.Tokens.Verify(Forge(scene, Header, claims.ToJsonString())));
    }

    [Theory]
    [InlineData("iss")]
    [InlineData("aud")]
    [InlineData("sub")]
    [InlineData("sid")]
    [InlineData("iat")]
    [InlineData("nbf")]
    [InlineData("exp")]
    public async Task A_missing_or_doubled_claim_is_refused_even_rightly_signed(string claim)
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var claims = Claims((await scene.Owner()).AccessToken);
        var doubled = claims.ToJsonString()[..^1] + $",\"{claim}\":{claims[claim]!.ToJsonString()}}}";
        claims.Remove(claim);

        Assert.Null(scene.Slice.Tokens.Verify(Forge(scene, Header, claims.ToJsonString())));
        Assert.Null(scene.Slice.Tokens.Verify(Forge(scene, Header, doubled)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c.d.e")]
    [InlineData("{}")]
    public async Task What_is_no_token_is_refused(string text)
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var token = (await scene.Owner()).AccessToken;

        Assert.Null(scene.Slice.Tokens.Verify(text));
        Assert.Null(scene.Slice.Tokens.Verify(token + "." + text));
        Assert.Null(scene.Slice.Tokens.Verify(token[..token.LastIndexOf('.')] + "."));
        Assert.Null(scene.Slice.Tokens.Verify(Forge(scene, Header, new string(' ', 4000) + "{}")));
    }

    [Fact]
    public async Task A_token_ends_with_its_time_and_a_minute()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        var token = (await scene.Owner()).AccessToken;

        scene.Time.Advance(TimeSpan.FromSeconds(659));
        Assert.NotNull(scene.Slice.Tokens.Verify(token));
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(scene.Slice.Tokens.Verify(token));
    }

    [Theory, EachDatabase]
    public async Task A_rotated_key_verifies_as_long_as_its_tokens_live_and_the_new_one_signs_when_all_nodes_have_it(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var node = await scene.OtherNode();
        var owner = await scene.Owner();
        string KeyOf(string token) => (string)JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]))!["kid"]!;
        string Issue(IdentityScene at) => at.Slice.Tokens.Issue(owner.User, owner.SessionId);

        await scene.Slice.Keys.Rotate(new Control(Bus(scene)));
        await node.Slice.Apply(new ControlChange.SettingsChanged());
        Assert.Equal(KeyOf(owner.AccessToken), KeyOf(Issue(scene)));

        scene.Time.Advance(TimeSpan.FromSeconds(61));
        var late = Issue(scene);
        Assert.NotEqual(KeyOf(owner.AccessToken), KeyOf(late));
        Assert.Equal(KeyOf(late), KeyOf(Issue(node)));
        Assert.NotNull(node.Slice.Tokens.Verify(late));
        Assert.NotNull(node.Slice.Tokens.Verify(owner.AccessToken));

        scene.Time.Advance(TimeSpan.FromMinutes(12));
        Assert.Null(scene.Slice.Keys.Find(KeyOf(owner.AccessToken)));
        await scene.Slice.Keys.Rotate(new Control(Bus(scene)));
        Assert.Equal(2, await scene.Database.Read(sql => sql.Count("select count(*) from server_state where name like 'token_key/%'")));
    }

    [Theory, EachDatabase]
    public async Task A_key_that_nobody_made_at_random_stops_the_start(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);
        await test.Database.Write(sql => sql.Execute("insert into server_state (name, value) values ('token_key/0000000000000000', @value)",
            ("value", (byte[])[.. Encoding.ASCII.GetBytes("changemechangemechangemechangeme"), .. new byte[8]])));

        await Assert.ThrowsAsync<CryptographicException>(() => TokenKeys.Load(test.Database, TimeProvider.System));
    }

    [Theory, EachDatabase]
    public async Task Nodes_that_start_together_for_the_first_time_agree_on_who_they_are(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine);

        var servers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ServerIdentity.Load(test.Database)));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => TokenKeys.Load(test.Database, TimeProvider.System)));

        Assert.Single(servers.Select(server => (server.ServerId, server.LogEpoch)).Distinct());
        Assert.Single(servers.Select(server => Convert.ToHexString(server.RefreshKey)).Distinct());
        Assert.Equal(1, await test.Database.Read(sql => sql.Count("select count(*) from server_state where name like 'token_key/%'")));
        Assert.True(Ed25519.Verify(servers[0].PublicKey, "x"u8, servers[1].Sign("x"u8)));
    }

    private static LocalBus Bus(IdentityScene scene)
    {
        var bus = new LocalBus();
        bus.Connect(new NodeReceiver(_ => { }, _ => { }, change => new ValueTask(scene.Slice.Apply(change))));
        return bus;
    }

    private static JsonObject Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();

    private static string Forge(IdentityScene scene, string header, string claims)
    {
        var key = scene.Slice.Keys.Signing;
        var signed = Encode(header.Replace("KID", key.Id, StringComparison.Ordinal)) + "." + Encode(claims);
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key.Secret, Encoding.ASCII.GetBytes(signed)));
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
