using United.Core.Conversations;
using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Storage;
using United.Core.Tests.Conversations;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

public sealed class DmConversationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_pair_of_keys_has_one_conversation_and_the_smaller_key_comes_first(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());

        var (made, created) = (await scene.Conversations.Open(ada, bob.PublicKey, Ct)).Value;
        var (found, again) = (await scene.Conversations.Open(bob, ada.PublicKey, Ct)).Value;

        Assert.Equal((true, false, made.Id), (created, again, found.Id));
        var sides = new[] { ada, bob }.OrderBy(person => person.PublicKey, StringComparer.Ordinal).Select(person => new DmParticipant(person.UserId, person.PublicKey, person.DisplayName));
        Assert.Equal(sides, [made.A, made.B]);
        var told = scene.Scene.Bus.Published.OfType<DmConversationCreated>().ToList();
        Assert.Equal(new[] { ada.UserId, bob.UserId }.Order(), told.Select(one => one.UserId).Order());
        Assert.All(told, one => Assert.Equal(made, one.Conversation));
        await scene.Scene.AssertDense(made.Id);
    }

    [Theory, EachDatabase]
    public async Task Two_hundred_who_open_it_at_once_get_the_same(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        await using var node = scene.Other();
        var (ada, bob) = (await scene.Person(), await scene.Person());

        var opened = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? scene : node).Conversations.Open(
            i % 3 == 0 ? ada : bob, i % 3 == 0 ? bob.PublicKey : ada.PublicKey, Ct)));

        Assert.Single(opened.Select(one => one.Value.Conversation.Id).Distinct());
        Assert.Single(opened, one => one.Value.Created);
        Assert.Equal(1, await scene.Scene.Count("select count(*) from conversations"));
    }

    [Theory, EachDatabase]
    public async Task Nobody_opens_one_with_themself_with_an_unknown_key_or_without_a_key(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, gone, keyless) = (await scene.Person(), await scene.Person(), await scene.Scene.Person());
        await scene.Rekey(gone);
        var before = await scene.Trace();

        Assert.Equal((Fault.ValidationFailed, "recipient_pubkey"), Refused(await scene.Conversations.Open(ada, ada.PublicKey, Ct)));
        Assert.Equal((Fault.ValidationFailed, "recipient_pubkey"), Refused(await scene.Conversations.Open(ada, "nonsense", Ct)));
        Assert.Equal((Fault.ValidationFailed, "recipient_pubkey"), Refused(await scene.Conversations.Open(ada, new string('0', 64), Ct)));
        Assert.Equal((Fault.NotFound, null), Refused(await scene.Conversations.Open(ada, gone.PublicKey, Ct)));
        Assert.Equal((Fault.NoIdentityKey, null), Refused(await scene.Conversations.Open(keyless, ada.PublicKey, Ct)));
        Assert.Equal((Fault.NoIdentityKey, null), Refused(await scene.Conversations.List(keyless, Ct)));
        Assert.Equal(before, await scene.Trace());
    }

    [Theory, EachDatabase]
    public async Task Blocks_and_hearing_from_nobody_refuse_as_in_direct_conversations(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, blocks, blocked, nobody) = (await scene.Person(), await scene.Person(), await scene.Person(), await scene.Person());
        await scene.Scene.Block(blocks, ada);
        await scene.Scene.Block(ada, blocked);
        await scene.Scene.Access(nobody, 2);

        foreach (var other in (Caller[])[blocks, blocked, nobody]) Assert.Equal(new Refusal(Fault.Forbidden), (await scene.Conversations.Open(ada, other.PublicKey, Ct)).Refusal);
        Assert.Equal(0, await scene.Scene.Count("select count(*) from conversations"));
    }

    [Theory, EachDatabase]
    public async Task After_a_change_of_key_the_old_one_is_read_but_not_written_and_the_new_pair_has_its_own(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await DmScene.On(engine, time);
        var (ada, bob, old) = await scene.Pair();
        var said = await scene.Send(ada, old);
        var later = await scene.Rekey(ada);
        var before = await scene.Trace();

        foreach (var sender in (Caller[])[ada, later, bob]) Assert.Equal((Fault.Conflict, "conversation_id"), Refused(await scene.Send(sender, DmScene.Sealed(old))));
        Assert.Equal(before, await scene.Trace());
        foreach (var reader in (Caller[])[later, bob])
        {
            var page = (await scene.Messages.Page(reader, new ReadHistory(old), Ct)).Value;
            Assert.Equal((said.Id, ada.PublicKey), (Assert.Single(page.Messages).Id, page.Messages[0].SenderPublicKey));
        }

        time.Advance(TimeSpan.FromMilliseconds(1));
        var fresh = await scene.Open(bob, later);
        Assert.NotEqual(old, fresh);
        Assert.Equal(1, (await scene.Send(later, fresh)).Sequence);
        Assert.Equal([fresh, old], (await scene.Conversations.List(bob, Ct)).Value.Select(one => one.Id));
    }

    [Theory, EachDatabase]
    public async Task Whoever_takes_over_a_key_gets_nothing_of_who_had_it(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, old) = await scene.Pair();
        var eve = await scene.Scene.Person();
        await scene.Rekey(ada);
        await scene.Scene.Database.Write(sql => sql.Execute("update users set public_key = @key, messaging_access = 0 where id = @id",
            ("key", Convert.FromHexString(ada.PublicKey)), ("id", eve.UserId)));
        eve = eve with { PublicKey = ada.PublicKey };

        Assert.Equal((Fault.Conflict, "recipient_pubkey"), Refused(await scene.Conversations.Open(eve, bob.PublicKey, Ct)));
        Assert.Equal((Fault.Conflict, "recipient_pubkey"), Refused(await scene.Conversations.Open(bob, eve.PublicKey, Ct)));
        Assert.Equal(Fault.NotFound, (await scene.Messages.Page(eve, new ReadHistory(old), Ct)).Refusal?.Fault);
        Assert.Empty((await scene.Conversations.List(eve, Ct)).Value);
    }

    [Theory, EachDatabase]
    public async Task Listed_by_the_last_message_with_unread_counts_and_without_what_is_hidden(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await DmScene.On(engine, time);
        var (ada, bob, first) = await scene.Pair();
        var (second, silent) = (await scene.Open(await scene.Person(), ada), await scene.Open(ada, await scene.Person()));
        await scene.Send(ada, first);
        time.Advance(TimeSpan.FromSeconds(1));
        await scene.Sent(ada, second, 2);

        var list = (await scene.Conversations.List(ada, Ct)).Value;
        Assert.Equal([second, first, silent], list.Select(one => one.Id));
        Assert.Equal([(2L, 0), (1L, 0), (0L, 0)], list.Select(one => (one.LastSequence, one.UnreadCount)));
        Assert.Equal((1, 1L), ((await scene.Conversations.List(bob, Ct)).Value[0].UnreadCount, (await scene.Conversations.List(bob, Ct)).Value[0].LastSequence));

        await Talks.Over(scene.Scene).Hide(ada, first, Ct);
        Assert.Equal([second, silent], (await scene.Conversations.List(ada, Ct)).Value.Select(one => one.Id));
        Assert.Equal(3, (await Talks.Over(scene.Scene).List(ada, new ListConversations(), Ct)).Count + (await Talks.Over(scene.Scene).List(ada, new ListConversations(ListState.Hidden), Ct)).Count);
    }

    private static (Fault? Fault, string? Field) Refused<T>(Result<T> result) => (result.Refusal?.Fault, result.Refusal?.Field);
}
