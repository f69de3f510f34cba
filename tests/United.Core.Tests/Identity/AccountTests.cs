using United.Core.Identity;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class AccountTests
{
    [Theory, EachDatabase]
    public async Task A_profile_changes_where_it_is_told_to_and_is_announced(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.Owner();
        var caller = await scene.CallerOf(owner);

        var first = IdentityScene.Ok(await scene.Slice.Accounts.Change(caller, new ChangeProfile("Ow Ner", "Hello\nthere", MessagingAccess.Nobody, false)));
        var second = IdentityScene.Ok(await scene.Slice.Accounts.Change(caller, new ChangeProfile(Bio: "")));

        Assert.Equal(("Ow Ner", "Hello\nthere", MessagingAccess.Nobody, false), (first.DisplayName, first.Bio, first.Settings.MessagingAccess, first.Settings.ReadReceipts));
        Assert.Equal(first with { Bio = "" }, second with { RoleIds = first.RoleIds });
        Assert.Equal("Ow Ner", (await scene.CallerOf(owner)).DisplayName);
        Assert.Equal(2, scene.Announcements.Count(change => change is ControlChange.UserChanged));
    }

    [Theory, EachDatabase]
    public async Task A_refused_change_changes_nothing(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var caller = await scene.OwnerCaller();
        var before = IdentityScene.Ok(await scene.Slice.Accounts.Me(caller));

        Assert.Equal("bio", (await scene.Slice.Accounts.Change(caller, new ChangeProfile("New", new string('b', 501)))).Refusal?.Field);
        Assert.Equal("display_name", (await scene.Slice.Accounts.Change(caller, new ChangeProfile("\u202E", "new"))).Refusal?.Field);

        Assert.Equal(before, IdentityScene.Ok(await scene.Slice.Accounts.Me(caller)) with { RoleIds = before.RoleIds });
        Assert.Empty(scene.Announcements);
    }

    [Theory, EachDatabase]
    public async Task A_new_password_ends_the_other_sessions_and_the_old_password(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var here = await scene.Owner();
        var there = IdentityScene.Ok(await LogIn(scene, IdentityScene.Password));
        var caller = await scene.CallerOf(here);
        await scene.CallerOf(there);

        Assert.Equal((Fault.InvalidCredentials, "current"), Told(await Change(scene, caller, new ChangePassword("another fine secret", "wrong password"))));
        Assert.Equal((Fault.ValidationFailed, "new"), Told(await Change(scene, caller, new ChangePassword("password123", IdentityScene.Password))));
        Assert.Equal((Fault.ValidationFailed, "current"), Told(await Change(scene, caller, new ChangePassword("another fine secret"))));
        Assert.True((await scene.Slice.Callers.Of(there.AccessToken)).Ok);

        IdentityScene.Ok(await Change(scene, caller, new ChangePassword("another fine secret", IdentityScene.Password)));

        Assert.True((await scene.Slice.Callers.Of(here.AccessToken)).Ok);
        Assert.False((await scene.Slice.Callers.Of(there.AccessToken)).Ok);
        Assert.False((await scene.Slice.Sessions.Refresh(there.RefreshToken, IdentityScene.Visitor())).Ok);
        Assert.False((await LogIn(scene, IdentityScene.Password)).Ok);
        Assert.True((await LogIn(scene, "another fine secret")).Ok);
        Assert.Equal([new ControlChange.SessionsEnded(caller.UserId, null, caller.SessionId, "password_changed")], scene.Announcements);
    }

    [Theory, EachDatabase]
    public async Task Who_has_only_a_key_proves_with_it_to_get_a_password(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var (seed, other) = (IdentityScene.NewSeed(), IdentityScene.NewSeed());
        await scene.Owner();
        var ann = IdentityScene.Ok(await scene.Slice.Registration.Register(new Register("ann", "Ann", Key: await scene.Answer(seed)), IdentityScene.Visitor()));
        var caller = await scene.CallerOf(ann);
        var request = new ChangePassword("another fine secret");

        Assert.Equal(Fault.InvalidCredentials, (await Change(scene, caller, request with { Current = "" })).Refusal?.Fault);
        Assert.Equal(Fault.SignatureInvalid, (await Change(scene, caller, request with { Key = await scene.Answer(other) })).Refusal?.Fault);
        Assert.Equal(Fault.SignatureInvalid, (await Change(scene, caller, request with { Key = await scene.Answer(seed, signer: other) })).Refusal?.Fault);
        IdentityScene.Ok(await Change(scene, caller, request with { Key = await scene.Answer(seed) }));

        Assert.True((await scene.Slice.LogIns.WithPassword("ann", "another fine secret", IdentityScene.Visitor())).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_key_is_replaced_only_with_the_old_ones_word_or_the_owners(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var (old, next, third) = (IdentityScene.NewSeed(), IdentityScene.NewSeed(), IdentityScene.NewSeed());
        var session = await scene.Member("bob");
        var bob = await scene.CallerOf(session);
        await scene.Member("carol", third);

        Assert.Equal(IdentityScene.KeyOf(old), IdentityScene.Ok(await ChangeKey(scene, bob, old)).PublicKey);
        Assert.Equal((Fault.SignatureInvalid, "old_signature"), Told(await ChangeKey(scene, bob, next)));
        Assert.Equal((Fault.SignatureInvalid, "old_signature"), Told(await ChangeKey(scene, bob, next, signedBy: next)));
        Assert.Equal((Fault.PublicKeyTaken, "public_key"), Told(await ChangeKey(scene, bob, third, signedBy: old)));
        Assert.Equal(IdentityScene.KeyOf(old), (await scene.CallerOf(session)).PublicKey);
        Assert.Equal(IdentityScene.KeyOf(next), IdentityScene.Ok(await ChangeKey(scene, bob, next, signedBy: old)).PublicKey);
        Assert.Equal(IdentityScene.KeyOf(next), (await scene.CallerOf(session)).PublicKey);

        Assert.Equal(Fault.Forbidden, (await scene.Slice.Members.AllowKeyReset(bob, bob.UserId)).Refusal?.Fault);
        IdentityScene.Ok(await scene.Slice.Members.AllowKeyReset(owner, bob.UserId));
        Assert.True((await ChangeKey(scene, bob, old)).Ok);
        Assert.False((await ChangeKey(scene, bob, next)).Ok);

        IdentityScene.Ok(await scene.Slice.Members.AllowKeyReset(owner, bob.UserId));
        scene.Time.Advance(TimeSpan.FromHours(24));
        Assert.False((await ChangeKey(scene, bob, next)).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_deleted_account_leaves_a_nameless_author_and_a_free_name(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var seed = IdentityScene.NewSeed();
        var ann = await scene.Member("ann", seed);
        var caller = await scene.CallerOf(ann);
        IdentityScene.Ok(await scene.Slice.Accounts.Change(caller, new ChangeProfile("Ann Example", "lives somewhere")));
        IdentityScene.Ok(await scene.Slice.Blocks.Block(caller, owner.UserId));
        IdentityScene.Ok(await scene.Slice.KeyBackups.Write(caller, new byte[] { 1 }, 0));

        IdentityScene.Ok(await scene.Slice.Accounts.Delete(caller));

        Assert.False((await scene.Slice.Callers.Of(ann.AccessToken)).Ok);
        Assert.Equal(Fault.NotFound, (await scene.Slice.Directory.Find(caller.UserId)).Refusal?.Fault);
        var left = await scene.Database.Read(sql => sql.One(
            "select username, display_name, bio, public_key is null and password_hash is null from users where id = @id",
            row => (row.Text(0), row.Text(1), row.Text(2), row.Bool(3)), ("id", caller.UserId)));
        Assert.Equal(("deleted-" + caller.UserId.ToString("N"), "deleted account", "", true), left);
        Assert.Equal(0, await scene.Database.Read(sql => sql.Count("select (select count(*) from blocks) + (select count(*) from key_backups) + (select count(*) from role_members)")));

        Assert.NotEqual(ann.User.Id, (await scene.Member("ann", seed)).User.Id);
    }

    [Theory, EachDatabase]
    public async Task The_owner_hands_over_before_leaving(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var session = await scene.Owner();
        var owner = await scene.CallerOf(session);
        var bobs = await scene.Member("bob");
        var bob = await scene.CallerOf(bobs);

        Assert.Equal(Fault.Conflict, (await scene.Slice.Accounts.Delete(owner)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await scene.Slice.Members.HandOver(bob, bob.UserId)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Slice.Members.HandOver(owner, Ids.New(scene.Time))).Refusal?.Fault);
        Assert.Equal(Fault.ValidationFailed, (await scene.Slice.Members.HandOver(owner, owner.UserId)).Refusal?.Fault);
        IdentityScene.Ok(await scene.Slice.Members.HandOver(owner, bob.UserId));

        Assert.Equal((Role.Owner, Role.Admin), ((await scene.CallerOf(bobs)).Role, (await scene.CallerOf(session)).Role));
        Assert.Equal(Fault.Forbidden, (await scene.Slice.Members.HandOver(owner, bob.UserId)).Refusal?.Fault);
        Assert.True((await scene.Slice.Accounts.Delete(owner)).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_backup_is_replaced_only_by_who_knows_the_newest(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var me = await scene.OwnerCaller();
        var other = await scene.MemberCaller("bob");
        var backups = scene.Slice.KeyBackups;
        Assert.Equal(Fault.NotFound, (await backups.Read(me)).Refusal?.Fault);

        var first = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => backups.Write(me, new[] { (byte)i }, 0)));
        Assert.Equal(1, Assert.Single(first, result => result.Ok).Value);
        Assert.All(first.Where(result => !result.Ok), result => Assert.Equal(Fault.PreconditionFailed, result.Refusal?.Fault));

        for (byte i = 1; i < 8; i++) Assert.Equal(i + 1, IdentityScene.Ok(await backups.Write(me, new[] { i }, i)));
        Assert.Equal(Fault.PreconditionFailed, (await backups.Write(me, new byte[] { 9 }, 3)).Refusal?.Fault);
        Assert.Equal(Fault.PreconditionFailed, (await backups.Write(me, new byte[] { 9 }, 9)).Refusal?.Fault);
        Assert.Equal(Fault.TooLarge, (await backups.Write(me, new byte[KeyBackups.MostBytes + 1], 8)).Refusal?.Fault);
        Assert.Equal(Fault.ValidationFailed, (await backups.Write(me, ReadOnlyMemory<byte>.Empty, 8)).Refusal?.Fault);

        var newest = IdentityScene.Ok(await backups.Read(me));
        Assert.Equal(8, newest.Version);
        Assert.Equal([7], newest.Blob);
        Assert.Equal([3], IdentityScene.Ok(await backups.Read(me, 4)).Blob);
        Assert.Equal(Fault.NotFound, (await backups.Read(me, 3)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await backups.Read(other)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task Blocks_are_ones_own(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var me = await scene.OwnerCaller();
        var others = new[] { await scene.MemberCaller("bob"), await scene.MemberCaller("carol"), await scene.MemberCaller("dave") };
        var blocks = scene.Slice.Blocks;

        foreach (var other in others.Append(others[0])) IdentityScene.Ok(await blocks.Block(me, other.UserId));
        Assert.Equal(Fault.ValidationFailed, (await blocks.Block(me, me.UserId)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await blocks.Block(me, Ids.New(scene.Time))).Refusal?.Fault);

        var page = await blocks.List(me, null, 2);
        Assert.Equal(others.Select(other => other.UserId).Order().Take(2), page.Select(blocked => blocked.UserId));
        Assert.Single(await blocks.List(me, page[^1].UserId, 2));
        Assert.Empty(await blocks.List(others[0], null, 10));
        IdentityScene.Ok(await blocks.Unblock(me, others[0].UserId));
        Assert.Equal(Fault.NotFound, (await blocks.Unblock(me, others[0].UserId)).Refusal?.Fault);
        Assert.Equal(2, (await blocks.List(me, null, 10)).Count);
    }

    private static (Fault?, string?) Told<T>(Result<T> result) => (result.Refusal?.Fault, result.Refusal?.Field);

    private static Task<Result<SignedIn>> LogIn(IdentityScene scene, string password) => scene.Slice.LogIns.WithPassword("owner", password, IdentityScene.Visitor());

    private static Task<Result<Done>> Change(IdentityScene scene, Caller caller, ChangePassword request) => scene.Slice.Accounts.ChangePassword(caller, request, IdentityScene.Visitor());

    private static async Task<Result<User>> ChangeKey(IdentityScene scene, Caller caller, string seed, string? signedBy = null)
    {
        var key = Ed25519.PublicKeyOf(Convert.FromHexString(seed));
        var challenge = IdentityScene.Ok(await scene.Slice.Challenges.Make(PublicKeys.Hex(key), IdentityScene.Visitor()));
        var signed = PublicKeys.LogInBytes(IdentityScene.Origin, challenge.ServerId, challenge.Nonce, key, challenge.ExpiresAt);
        var answer = new ChallengeAnswer(PublicKeys.Hex(key), challenge.Id, Ed25519.Sign(Convert.FromHexString(seed), signed));
        var old = signedBy is null ? null : Ed25519.Sign(Convert.FromHexString(signedBy), signed);
        return await scene.Slice.Accounts.ChangeKey(caller, new ChangeKey(answer, old), IdentityScene.Visitor());
    }
}
