using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class LogInTests
{
    [Theory, EachDatabase]
    public async Task The_right_password_opens_a_session_whatever_the_case_of_the_name(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.Owner();

        var signedIn = IdentityScene.Ok(await LogIn(scene, "OWNER"));

        Assert.Equal(owner.User.Id, signedIn.User.Id);
        Assert.NotEqual(owner.SessionId, signedIn.SessionId);
        Assert.True((await scene.Slice.Callers.Of(signedIn.AccessToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Every_wrong_way_in_gets_the_same_refusal(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var gone = await scene.MemberCaller("gone");
        var suspended = await scene.Member("suspended");
        IdentityScene.Ok(await scene.Slice.Registration.Register(new Register("keyonly", "Key", Key: await scene.Answer(IdentityScene.NewSeed())), IdentityScene.Visitor()));
        IdentityScene.Ok(await scene.Slice.Accounts.Delete(gone));
        IdentityScene.Ok(await scene.Slice.Members.Suspend(owner, suspended.User.Id));

        (string Name, string Password)[] attempts =
        [
            ("owner", "wrong password"), ("owner", ""), ("nobody", IdentityScene.Password), ("", IdentityScene.Password), ("o\0wner", IdentityScene.Password),
            ("owner\ud800", IdentityScene.Password), ("gone", IdentityScene.Password), ("deleted-" + gone.UserId.ToString("N"), IdentityScene.Password),
            ("suspended", IdentityScene.Password), ("keyonly", IdentityScene.Password), ("keyonly", ""), ("owner", new string('x', 100_000)),
        ];
        foreach (var (name, password) in attempts)
        {
            scene.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(new Refusal(Fault.InvalidCredentials), (await LogIn(scene, name, password)).Refusal);
        }
    }

    // Attack 32, by time. A wrong password of somebody who is here costs a hash of the cost that stands with theirs; so must that of nobody, once and not twice.
    [Theory, EachDatabase]
    public async Task Who_is_not_here_costs_the_same_hash_as_who_is(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var (gone, suspended) = (await scene.MemberCaller("gone"), await scene.Member("suspended"));
        IdentityScene.Ok(await scene.Slice.Registration.Register(new Register("keyonly", "Key", Key: await scene.Answer(IdentityScene.NewSeed())), IdentityScene.Visitor()));
        IdentityScene.Ok(await scene.Slice.Accounts.Delete(gone));
        IdentityScene.Ok(await scene.Slice.Members.Suspend(owner, suspended.User.Id));
        var cost = new CountedCost();
        using var passwords = new Passwords(cost);
        var logIns = new LogIns(scene.Database, passwords, scene.Slice.Challenges, scene.Slice.Sessions, scene.Limits, new WrongPasswords(new LimitsOptions(), scene.Time));

        var stored = await scene.Database.Read(sql => sql.One("select password_hash from users where username = 'owner'", row => row.Text(0)));
        Assert.StartsWith($"${cost}$", stored, StringComparison.Ordinal);
        foreach (var (name, counted) in ((string, int)[])[("owner", 0), ("nobody", 1), ("", 1), ("o\0wner", 1), ("gone", 1), ("suspended", 1), ("keyonly", 1)])
        {
            scene.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(new Refusal(Fault.InvalidCredentials), (await logIns.WithPassword(name, "wrong password", IdentityScene.Visitor())).Refusal);
            Assert.Equal((name, counted), (name, cost.Taken()));
        }
    }

    [Theory, EachDatabase]
    public async Task A_hash_of_an_older_cost_is_renewed_by_the_log_in(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        await scene.Owner();
        using var old = new Passwords(new PasswordCost.Pbkdf2(1000));
        var hash = IdentityScene.Ok(await old.Hash(IdentityScene.Password, default));
        await scene.Database.Write(sql => sql.Execute("update users set password_hash = @hash", ("hash", hash)));

        IdentityScene.Ok(await LogIn(scene, "owner"));

        Assert.StartsWith("$scrypt$", await scene.Database.Read(sql => sql.One("select password_hash from users", row => row.Text(0))), StringComparison.Ordinal);
        Assert.True((await LogIn(scene, "owner")).Ok);
        Assert.False((await LogIn(scene, "owner", "wrong password")).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_signed_challenge_opens_a_session_once(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var seed = IdentityScene.NewSeed();
        await scene.Owner();
        var ann = await scene.Member("ann", seed);
        var answer = await scene.Answer(seed);

        var signedIn = IdentityScene.Ok(await scene.Slice.LogIns.WithKey(answer, IdentityScene.Visitor()));

        Assert.Equal(ann.User.Id, signedIn.User.Id);
        Assert.Equal(Fault.SignatureInvalid, (await scene.Slice.LogIns.WithKey(answer, IdentityScene.Visitor())).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task A_challenge_answered_wrongly_is_spent(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var (seed, other) = (IdentityScene.NewSeed(), IdentityScene.NewSeed());
        await scene.Owner();
        await scene.Member("ann", seed);
        Task<Result<SignedIn>> Verify(ChallengeAnswer answer) => scene.Slice.LogIns.WithKey(answer, IdentityScene.Visitor());

        var good = await scene.Answer(seed);
        Assert.Equal(Fault.SignatureInvalid, (await Verify(good with { Signature = new byte[64] })).Refusal?.Fault);
        Assert.Equal(Fault.SignatureInvalid, (await Verify(good)).Refusal?.Fault);

        Assert.Equal(Fault.SignatureInvalid, (await Verify(await scene.Answer(seed, signer: other))).Refusal?.Fault);
        Assert.Equal(Fault.SignatureInvalid, (await Verify(await scene.Answer(seed, origin: "https://phishing.example"))).Refusal?.Fault);
        Assert.Equal(Fault.SignatureInvalid, (await Verify((await scene.Answer(seed)) with { PublicKey = IdentityScene.KeyOf(other) })).Refusal?.Fault);
        Assert.Equal(Fault.SignatureInvalid, (await Verify((await scene.Answer(seed)) with { ChallengeId = Ids.New(scene.Time) })).Refusal?.Fault);

        var late = await scene.Answer(seed);
        scene.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(Fault.SignatureInvalid, (await Verify(late)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task A_challenge_is_given_for_any_sound_key_and_tells_of_no_account(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var stranger = IdentityScene.NewSeed();
        await scene.Owner();

        Assert.Equal(Fault.InvalidCredentials, (await scene.Slice.LogIns.WithKey(await scene.Answer(stranger), IdentityScene.Visitor())).Refusal?.Fault);
        Assert.Equal(Fault.ValidationFailed, (await scene.Slice.Challenges.Make("01" + new string('0', 62), IdentityScene.Visitor())).Refusal?.Fault);
        Assert.Equal(Fault.ValidationFailed, (await scene.Slice.Challenges.Make("", IdentityScene.Visitor())).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task Who_is_suspended_between_proof_and_session_gets_none(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        await scene.Owner();
        var bob = await scene.Member("bob");
        var hash = await scene.Database.Read(sql => sql.One("select password_hash from users where id = @id", row => row.Text(0), ("id", bob.User.Id)));
        await scene.Database.Write(sql => sql.Execute("update users set suspended_at = 1 where id = @id", ("id", bob.User.Id)));

        Assert.False((await scene.Slice.Sessions.Open(bob.User.Id, "password_hash = @proof", hash!, IdentityScene.Visitor(), default)).Ok);
        Assert.False((await scene.Slice.Sessions.Refresh(bob.RefreshToken, IdentityScene.Visitor())).Ok);
    }

    [Fact]
    public async Task Wrong_passwords_wait_longer_and_longer_and_nobody_is_locked_out()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        await scene.Owner();
        for (var i = 0; i < 2; i++) await LogIn(scene, "owner", "wrong password");
        Assert.True((await LogIn(scene, "owner")).Ok);

        var waits = new List<double>();
        for (var i = 0; i < 3; i++) await LogIn(scene, "owner", "wrong password");
        for (var i = 0; i < 9; i++)
        {
            var refusal = (await LogIn(scene, "owner", "wrong password")).Refusal!;
            Assert.Equal(Fault.RateLimited, refusal.Fault);
            waits.Add(refusal.RetryAfter!.Value.TotalSeconds);
            scene.Time.Advance(refusal.RetryAfter.Value);
            Assert.Equal(Fault.InvalidCredentials, (await LogIn(scene, "owner", "wrong password")).Refusal?.Fault);
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60], waits);

        scene.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await LogIn(scene, "owner")).Ok);
        Assert.Equal(Fault.InvalidCredentials, (await LogIn(scene, "owner", "wrong password")).Refusal?.Fault);
    }

    [Fact]
    public async Task Wrong_passwords_at_once_do_not_beat_the_counter()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite, limits: new LimitsOptions { LogInsPerMinutePerAddress = 1000 });
        await scene.Owner();

        var results = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => LogIn(scene, "owner", $"wrong password {i}")));

        Assert.Equal(3, results.Count(result => result.Refusal?.Fault == Fault.InvalidCredentials));
        Assert.Equal(57, results.Count(result => result.Refusal?.Fault == Fault.RateLimited));
    }

    [Fact]
    public async Task Guesses_are_counted_by_account_from_anywhere_and_by_address_at_anybody()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite, limits: new LimitsOptions { LongestLogInDelaySeconds = 1 });
        await scene.Owner();
        await scene.Slice.Registration.Register(new Register("bob", "Bob", IdentityScene.Password), IdentityScene.Visitor("203.0.113.99"));
        async Task<Refusal?> Guess(string name, string address)
        {
            scene.Time.Advance(TimeSpan.FromSeconds(1));
            return (await scene.Slice.LogIns.WithPassword(name, "wrong password", IdentityScene.Visitor(address))).Refusal;
        }

        var byAccount = new List<Refusal?>();
        for (var i = 0; i < 8; i++) byAccount.Add(await Guess("bob", $"198.51.100.{i}"));
        Assert.Equal(Fault.RateLimited, byAccount[^1]?.Fault);

        var byAddress = new List<Refusal?>();
        for (var i = 0; i < 70; i++) byAddress.Add(await Guess($"name{i}", "203.0.113.7"));
        Assert.Equal(Fault.RateLimited, byAddress[^1]?.Fault);
        Assert.InRange(byAddress.Count(refusal => refusal?.Fault == Fault.InvalidCredentials), 30, 66);
    }

    private static Task<Result<SignedIn>> LogIn(IdentityScene scene, string username, string password = IdentityScene.Password) =>
        scene.Slice.LogIns.WithPassword(username, password, IdentityScene.Visitor());
}
