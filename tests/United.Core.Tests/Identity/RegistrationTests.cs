using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class RegistrationTests
{
    private static readonly Register Ann = new("ann", "Ann", IdentityScene.Password);

    [Theory, EachDatabase]
    public async Task The_first_account_owns_the_server_and_the_set_up_link_goes(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var token = (await ServerIdentity.SetupToken(scene.Database))!;
        scene.Slice.SetupLink.Write(SetupLink.For(new Uri("http://localhost:8080"), token));
        Assert.True(await scene.Slice.Registration.SetupNeeded());
        Assert.Equal($"http://localhost:8080/setup#token={token}\n", await File.ReadAllTextAsync(scene.Slice.SetupLink.Path));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scene.Slice.SetupLink.Path));

        var owner = IdentityScene.Ok(await scene.Slice.Registration.Register(Ann with { SetupToken = token }, IdentityScene.Visitor()));

        Assert.Equal((Role.Owner, Permissions.All), (owner.User.Role, owner.User.Permissions));
        Assert.Equal(owner.User.Id, (await scene.CallerOf(owner)).UserId);
        Assert.False(await scene.Slice.Registration.SetupNeeded());
        Assert.Null(await ServerIdentity.SetupToken(scene.Database));
        Assert.False(File.Exists(scene.Slice.SetupLink.Path));
        Assert.Equal(Fault.SetupDone, (await Register(scene, "bob", token)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task Without_the_link_only_this_machine_makes_the_owner(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);

        Assert.Equal(Fault.SetupTokenInvalid, (await Register(scene, "ann")).Refusal?.Fault);
        Assert.Equal(Fault.SetupTokenInvalid, (await Register(scene, "ann", "wrong")).Refusal?.Fault);
        Assert.Equal(Fault.SetupTokenInvalid, (await scene.Slice.Registration.Register(Ann with { SetupToken = "wrong" }, IdentityScene.Visitor(isLocal: true))).Refusal?.Fault);
        Assert.Equal(0, await scene.Database.Read(sql => sql.Count("select count(*) from users")));
        Assert.Equal(Role.Owner, (await scene.Owner()).User.Role);
        Assert.Equal(Role.Member, (await scene.Member("bob")).User.Role);
    }

    // So that a double click picks all of it, and a command never takes it for an option.
    [Fact]
    public async Task Codes_and_the_set_up_token_are_128_bits_of_hex()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite);
        Assert.Matches("^[0-9a-f]{32}$", await ServerIdentity.SetupToken(scene.Database));
        Assert.Matches("^[0-9a-f]{32}$", IdentityScene.Ok(await scene.Slice.Invites.Create(await scene.OwnerCaller(), new CreateInvite())).Code);
    }

    [Theory, EachDatabase]
    public async Task Of_many_first_owners_there_is_one(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine, RegistrationMode.Invite);
        var node = await scene.OtherNode();
        var token = await ServerIdentity.SetupToken(scene.Database);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            (i % 2 == 0 ? scene : node).Slice.Registration.Register(new Register($"first{i}", "First", IdentityScene.Password, SetupToken: token), IdentityScene.Visitor())));

        Assert.Single(results, result => result.Ok);
        Assert.All(results.Where(result => !result.Ok), result => Assert.Equal(Fault.SetupDone, result.Refusal?.Fault));
        Assert.Equal(1, await scene.Database.Read(sql => sql.Count("select count(*) from users")));
    }

    [Theory, EachDatabase]
    public async Task A_name_is_given_once_whatever_its_case_however_many_ask_at_once(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        await scene.Owner();

        var results = await Task.WhenAll(((string[])["bob", "BOB", "Bob", "bOb"]).Select(name => Register(scene, name)));

        Assert.Single(results, result => result.Ok);
        Assert.All(results.Where(result => !result.Ok), result => Assert.Equal((Fault.UsernameTaken, "username"), (result.Refusal?.Fault, result.Refusal?.Field)));
    }

    [Theory, EachDatabase]
    public async Task An_identity_key_belongs_to_one_account_and_has_to_be_proved(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        await scene.Owner();
        var (seed, other) = (IdentityScene.NewSeed(), IdentityScene.NewSeed());

        var forged = await scene.Slice.Registration.Register(new Register("ann", "Ann", Key: await scene.Answer(seed, signer: other)), IdentityScene.Visitor());
        var ann = await scene.Slice.Registration.Register(new Register("ann", "Ann", Key: await scene.Answer(seed)), IdentityScene.Visitor());
        var twin = await scene.Slice.Registration.Register(new Register("twin", "Twin", Key: await scene.Answer(seed)), IdentityScene.Visitor());

        Assert.Equal(Fault.SignatureInvalid, forged.Refusal?.Fault);
        Assert.Equal((IdentityScene.KeyOf(seed), false), (ann.Value.User.PublicKey, ann.Value.User.Settings.HasPassword));
        Assert.Equal(Fault.PublicKeyTaken, twin.Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task Bad_input_makes_nothing(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        await scene.Owner();

        foreach (var (username, displayName, password, field) in ((string, string, string?, string)[])
        [
            ("a", "Ann", IdentityScene.Password, "username"), ("\u0430nn", "Ann", IdentityScene.Password, "username"), // a Cyrillic letter
            ("ann", "", IdentityScene.Password, "display_name"), ("ann", "a\u202Eb", IdentityScene.Password, "display_name"), ("ann", "a\0b", IdentityScene.Password, "display_name"),
            ("ann", "Ann", "short", "password"), ("ann", "Ann", "password123", "password"), ("ann", "Ann", null, "password"),
        ])
        {
            var refused = await scene.Slice.Registration.Register(new Register(username, displayName, password), IdentityScene.Visitor());
            Assert.Equal((Fault.ValidationFailed, field), (refused.Refusal?.Fault, refused.Refusal?.Field));
        }
        Assert.Equal(1, await scene.Database.Read(sql => sql.Count("select count(*) from users")));
    }

    [Theory, EachDatabase]
    public async Task The_mode_says_who_may_come(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine, RegistrationMode.Invite);
        var owner = await scene.OwnerCaller();
        var code = IdentityScene.Ok(await scene.Slice.Invites.Create(owner, new CreateInvite())).Code;

        Assert.Equal(Fault.InviteInvalid, (await Register(scene, "bob")).Refusal?.Fault);
        Assert.Equal(Fault.InviteInvalid, (await Register(scene, "bob", invite: "wrong")).Refusal?.Fault);
        Assert.True((await Register(scene, "bob", invite: code)).Ok);

        IdentityScene.Ok(await scene.Slice.Settings.Change(owner, new ChangeSettings(Registration: RegistrationMode.Closed)));
        Assert.Equal(Fault.RegistrationClosed, (await Register(scene, "carol", invite: code)).Refusal?.Fault);

        IdentityScene.Ok(await scene.Slice.Settings.Change(owner, new ChangeSettings(Registration: RegistrationMode.Open, Limits: new ChangeLimits(MaxAccounts: 3))));
        Assert.True((await Register(scene, "carol")).Ok);
        Assert.Equal(Fault.RegistrationClosed, (await Register(scene, "dave")).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task A_newcomer_has_nothing_unread_in_the_channels_that_exist(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        await scene.Owner();
        Guid open = Ids.New(scene.Time), shut = Ids.New(scene.Time);
        await scene.Database.Write(async sql =>
        {
            foreach (var (id, isOpen) in ((Guid, bool)[])[(open, true), (shut, false)])
                await sql.Execute("insert into conversations (id, kind, name, name_key, open, created_at, last_sequence) values (@id, 1, @name, @name, @open, 0, 41)",
                    ("id", id), ("name", id.ToString()), ("open", isOpen));
        });

        var bob = await scene.Member("bob");

        var rows = await scene.Database.Read(sql => sql.All(
            "select conversation_id, last_read_sequence, last_delivered_sequence from conversation_members where user_id = @id",
            row => (row.Uuid(0), row.Int64(1), row.Int64(2)), ("id", bob.User.Id)));
        Assert.Equal([(open, 41L, 41L)], rows);
    }

    [Fact]
    public async Task Three_accounts_an_hour_come_from_an_address_and_refusals_do_not_count()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite, limits: new LimitsOptions());
        await scene.Owner();
        for (var i = 0; i < 5; i++) Assert.Equal(Fault.UsernameTaken, (await Register(scene, "owner")).Refusal?.Fault);

        Assert.True((await Register(scene, "user1")).Ok);
        Assert.True((await Register(scene, "user2")).Ok);
        var refused = (await Register(scene, "user3")).Refusal;
        Assert.Equal(Fault.RateLimited, refused?.Fault);
        Assert.InRange(refused!.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(20));
        Assert.True((await scene.Slice.Registration.Register(Ann, IdentityScene.Visitor("203.0.113.8"))).Ok);

        scene.Time.Advance(refused.RetryAfter.Value);
        Assert.True((await Register(scene, "user3")).Ok);
    }

    [Fact]
    public async Task Ten_wrong_invitations_an_hour_may_be_tried_from_an_address()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite, RegistrationMode.Invite, new LimitsOptions());
        var owner = await scene.OwnerCaller();
        var code = IdentityScene.Ok(await scene.Slice.Invites.Create(owner, new CreateInvite())).Code;
        for (var i = 0; i < 10; i++) Assert.Equal(Fault.InviteInvalid, (await Register(scene, "guess", invite: $"guess{i}")).Refusal?.Fault);

        Assert.Equal(Fault.RateLimited, (await Register(scene, "guess", invite: code)).Refusal?.Fault);
        Assert.Equal(Fault.RateLimited, (await scene.Slice.Invites.Preview(code, IdentityScene.Visitor())).Refusal?.Fault);
        Assert.True((await scene.Slice.Invites.Preview(code, IdentityScene.Visitor("203.0.113.8"))).Ok);
    }

    [Theory, EachDatabase]
    public async Task The_operator_makes_accounts_without_an_invitation(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine, RegistrationMode.Closed);

        Assert.Equal(Role.Owner, IdentityScene.Ok(await scene.Slice.Registration.CreateByOperator(Ann, Role.Owner)).Role);
        Assert.Equal(Fault.SetupDone, (await scene.Slice.Registration.CreateByOperator(Ann with { Username = "bob" }, Role.Owner)).Refusal?.Fault);
        Assert.Equal(Fault.UsernameTaken, (await scene.Slice.Registration.CreateByOperator(Ann, Role.Member)).Refusal?.Fault);
        Assert.True((await scene.Slice.LogIns.WithPassword("ann", IdentityScene.Password, IdentityScene.Visitor())).Ok);
    }

    private static Task<Result<SignedIn>> Register(IdentityScene scene, string username, string? setupToken = null, string? invite = null) =>
        scene.Slice.Registration.Register(new Register(username, "Somebody", IdentityScene.Password, InviteCode: invite, SetupToken: setupToken), IdentityScene.Visitor());

    // Attack 32: whoever has no invitation learns of no name, by words or by work.
    [Theory, EachDatabase]
    public async Task Who_may_not_register_is_refused_the_same_whether_the_name_is_taken_or_free_and_before_any_hash(Engine engine)
    {
        foreach (var mode in (RegistrationMode[])[RegistrationMode.Invite, RegistrationMode.Closed])
        {
            await using var scene = await IdentityScene.On(engine, mode);
            await scene.Owner();
            var cost = new CountedCost();
            using var passwords = new Passwords(cost);
            var registration = new Registration(
                scene.Database, passwords, scene.Slice.Challenges, scene.Slice.Sessions, scene.Slice.Settings, scene.Slice.SetupLink, scene.Limits, scene.Time);

            foreach (var code in (string?[])[null, "not an invitation"])
            {
                var (taken, free) = (await Try("owner", code), await Try("nobody", code));
                Assert.NotNull(taken);
                Assert.Equal(taken, free);
            }
            Assert.Equal(0, cost.Taken());

            async Task<Refusal?> Try(string name, string? code) =>
                (await registration.Register(new Register(name, name, IdentityScene.Password, InviteCode: code), IdentityScene.Visitor())).Refusal;
        }
    }
}
