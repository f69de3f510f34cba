using United.Core.Identity;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class AvatarTests
{
    [Theory, EachDatabase]
    public async Task An_avatar_is_an_image_of_ones_own_and_lets_go_of_the_one_before(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var (owner, bob) = (await scene.OwnerCaller(), await scene.MemberCaller("bob"));
        var (first, second, voice, bobs) = (await Upload(scene, owner, 1), await Upload(scene, owner, 1), await Upload(scene, owner, 3), await Upload(scene, bob, 1));

        Assert.Equal(first, await Change(scene, owner, first));
        foreach (var wrong in (Guid[])[voice, bobs, Guid.Empty])
        {
            var refused = await scene.Slice.Accounts.Change(owner, new ChangeProfile("New", Avatar: new ChangeAvatar(wrong)), TestContext.Current.CancellationToken);
            Assert.Equal("avatar_media_id", refused.Refusal?.Field);
        }
        var me = IdentityScene.Ok(await scene.Slice.Accounts.Me(owner, TestContext.Current.CancellationToken));
        Assert.Equal((first, "The Owner"), (me.AvatarMediaId, me.DisplayName));
        Assert.Empty(await LetGo(scene));

        Assert.Equal(first, await Change(scene, owner, first));
        Assert.Empty(await LetGo(scene));
        Assert.Equal(second, await Change(scene, owner, second));
        Assert.Equal([first], await LetGo(scene));
        Assert.Null(await Change(scene, owner, null));
        Assert.Equal(new[] { first, second }.Order(), (await LetGo(scene)).Order());
    }

    [Theory, EachDatabase]
    public async Task Of_two_changes_at_once_the_later_lets_go_of_the_earlier(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var uploads = new List<Guid>();
        for (var i = 0; i < 8; i++) uploads.Add(await Upload(scene, owner, 1));

        await Task.WhenAll(uploads.Select(upload => Task.Run(() => Change(scene, owner, upload))));

        var kept = IdentityScene.Ok(await scene.Slice.Accounts.Me(owner, TestContext.Current.CancellationToken)).AvatarMediaId!.Value;
        Assert.Equal(uploads.Where(upload => upload != kept).Order(), (await LetGo(scene)).Order());
    }

    [Theory, EachDatabase]
    public async Task An_account_that_ends_lets_go_of_all_it_has_uploaded(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        await scene.Owner();
        var bob = await scene.MemberCaller("bob");
        var (avatar, loose) = (await Upload(scene, bob, 1), await Upload(scene, bob, 4));
        await Change(scene, bob, avatar);

        IdentityScene.Ok(await scene.Slice.Accounts.Delete(bob, TestContext.Current.CancellationToken));

        Assert.Equal(new[] { avatar, loose }.Order(), (await LetGo(scene)).Order());
    }

    private static async Task<Guid?> Change(IdentityScene scene, Caller caller, Guid? media) =>
        IdentityScene.Ok(await scene.Slice.Accounts.Change(caller, new ChangeProfile(Avatar: new ChangeAvatar(media)))).AvatarMediaId;

    private static Task<List<Guid>> LetGo(IdentityScene scene) => scene.Database.Read(sql => sql.All("select id from media where collect_at = 0", row => row.Uuid(0)));

    private static async Task<Guid> Upload(IdentityScene scene, Caller owner, int type)
    {
        var id = Ids.New(scene.Time);
        await scene.Database.Write(sql => sql.Execute(
            "insert into media (id, owner_id, sha256, type, content_type, size, created_at) values (@id, @owner, @hash, @type, 'x/y', 1, 0)",
            ("id", id), ("owner", owner.UserId), ("hash", new byte[32]), ("type", type)));
        return id;
    }
}
