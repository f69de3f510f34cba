using System.Security.Cryptography;
using United.Core.DirectMessages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

public sealed class DmKeyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Published_key_is_found_as_it_was_given_and_replaces_the_older_one(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        Assert.Equal(Fault.NotFound, (await scene.Keys.Find(bob, ada.PublicKey, Ct)).Refusal?.Fault);

        await scene.Keys.Publish(ada, new PublishDmKey(Key()), Ct);
        var request = new PublishDmKey(Key(), RandomNumberGenerator.GetBytes(8), 1, 2, RandomNumberGenerator.GetBytes(64));
        var published = (await scene.Keys.Publish(ada, request, Ct)).Value;
        var found = (await scene.Keys.Find(bob, ada.PublicKey, Ct)).Value;

        Assert.Equal((ada.PublicKey, published.PublishedAt, 1L, 2L), (found.Owner, found.PublishedAt, found.CreatedAt, found.ExpiresAt));
        Assert.Equal([request.PublicKey, request.KeyId, request.Signature], (byte[]?[])[found.PublicKey, found.KeyId, found.Signature]);
        Assert.Equal(1, await scene.Scene.Count("select count(*) from dm_public_keys"));
    }

    [Theory, EachDatabase]
    public async Task Nothing_unsound_is_stored_or_told(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, keyless) = (await scene.Person(), await scene.Scene.Person());
        var before = await scene.Trace();
        var told = scene.Scene.Bus.Published.Count;

        foreach (var (request, field) in ((PublishDmKey, string)[])
        [
            (new(new byte[32]), "x25519_pubkey"), (new(RandomNumberGenerator.GetBytes(31)), "x25519_pubkey"), (new([.. Key()[..31], 0xFF]), "x25519_pubkey"),
            (new(Key(), KeyId: new byte[7]), "key_id"), (new(Key(), Signature: new byte[63]), "signature"),
            (new(Key(), CreatedAt: -1), "created_at"), (new(Key(), ExpiresAt: -1), "expires_at"),
        ])
            Assert.Equal((Fault.ValidationFailed, field), Refused(await scene.Keys.Publish(ada, request, Ct)));
        Assert.Equal((Fault.NoIdentityKey, null), Refused(await scene.Keys.Publish(keyless, new PublishDmKey(Key()), Ct)));
        Assert.Equal((Fault.NoIdentityKey, null), Refused(await scene.Keys.Find(keyless, ada.PublicKey, Ct)));
        Assert.Equal((Fault.ValidationFailed, "ed25519_pubkey"), Refused(await scene.Keys.Find(ada, "00", Ct)));
        // Who signed in before the identity key was replaced does not publish for the new one.
        await scene.Rekey(ada);
        Assert.Equal((Fault.Conflict, null), Refused(await scene.Keys.Publish(ada, new PublishDmKey(Key()), Ct)));
        Assert.Equal((before, told), (await scene.Trace(), scene.Scene.Bus.Published.Count));
    }

    [Theory, EachDatabase]
    public async Task A_key_is_not_given_out_for_a_later_identity(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        await scene.Keys.Publish(ada, new PublishDmKey(Key()), Ct);

        var later = await scene.Rekey(ada);

        Assert.Equal(Fault.NotFound, (await scene.Keys.Find(bob, ada.PublicKey, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Keys.Find(bob, later.PublicKey, Ct)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task On_a_small_server_everybody_hears_of_it_on_a_large_one_only_who_writes_with_them(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, _) = await scene.Pair();
        var eve = await scene.Person();

        await scene.Keys.Publish(ada, new PublishDmKey(Key()), Ct);
        Assert.Equal(new[] { ada.UserId, bob.UserId, eve.UserId }.Order(), Told(scene).Order());

        await Crowd(scene, 1_000);
        var before = Told(scene).Length;
        await scene.Keys.Publish(ada, new PublishDmKey(Key()), Ct);
        Assert.Equal(new[] { ada.UserId, bob.UserId }.Order(), Told(scene)[before..].Order());
    }

    private static Task Crowd(DmScene scene, int count) => scene.Scene.Database.Write(async sql =>
    {
        for (var i = 0; i < count; i++)
            await sql.Execute("insert into users (id, username, display_name, role, created_at) values (@id, @name, '', 0, 0)",
                ("id", Ids.New(scene.Scene.Time)), ("name", $"crowd{i}"));
    });

    private static Guid[] Told(DmScene scene) => [.. scene.Scene.Bus.Published.OfType<DmKeyRotated>().Select(told => told.UserId)];

    private static (Fault? Fault, string? Field) Refused<T>(Result<T> result) => (result.Refusal?.Fault, result.Refusal?.Field);

    private static byte[] Key()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        key[31] &= 0x7F;
        return key;
    }
}
