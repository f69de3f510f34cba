using United.Core.Channels;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class SyncTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Unchanged_is_not_mentioned_and_a_changed_reaction_shows_as_its_whole_message(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var (one, two) = (await scene.OpenChannel(), await scene.OpenChannel());
        var posted = (await scene.Log.Post(ada, new PostMessage(one, "x"), Ct)).Value;
        await scene.Log.Post(ada, new PostMessage(two, "y"), Ct);
        var known = new Dictionary<Guid, long> { [one] = 1, [two] = 1 };

        var nothing = await Sync(scene, ada, new SyncRequest(known));
        await scene.Log.React(ada, new AddReaction(posted.MessageId, "+"), Ct);
        var added = await Sync(scene, ada, new SyncRequest(known));
        await scene.Log.Unreact(ada, new RemoveReaction(posted.MessageId, "+"), Ct);
        var removed = await Sync(scene, ada, new SyncRequest(known));

        Assert.Empty(nothing.Changed);
        Assert.Empty(nothing.Added);
        var whole = Assert.Single(Assert.Single(added.Changed).Messages);
        Assert.Equal(("x", 2, "+"), (whole.Content, whole.Revision, Assert.Single(whole.Reactions).Emoji));
        whole = Assert.Single(Assert.Single(removed.Changed).Messages);
        Assert.Equal((3, 0), (whole.Revision, whole.Reactions.Count));
        Assert.Null(removed.Changed[0].Changed);
    }

    [Theory, EachDatabase]
    public async Task Names_what_is_new_what_is_gone_and_what_may_no_longer_be_read(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(Permissions.ManageChannels), await scene.Person());
        var channels = Directory(scene);
        var stays = (await channels.Create(ada, new CreateChannel("stays"), Ct)).Value;
        var secret = (await channels.Create(ada, new CreateChannel("secret", Private: true, MemberIds: [bob.UserId]), Ct)).Value;
        var deleted = (await channels.Create(ada, new CreateChannel("deleted"), Ct)).Value;
        await channels.RemoveMember(ada, secret.Id, bob.UserId, Ct);
        await channels.Delete(ada, deleted.Id, Ct);
        var nowhere = Ids.New(scene.Time);

        var answer = await Sync(scene, bob, new SyncRequest(new Dictionary<Guid, long> { [secret.Id] = 1, [deleted.Id] = 1, [nowhere] = 5 }));
        var partial = await Sync(scene, bob, new SyncRequest(new Dictionary<Guid, long> { [secret.Id] = 1 }, Partial: true));

        Assert.Equal(new[] { secret.Id, deleted.Id, nowhere }.Order(), answer.Removed.Order());
        Assert.Equal(stays.Id, Assert.Single(answer.Added).Conversation.Id);
        Assert.Empty(partial.Added);
        Assert.Equal([secret.Id], partial.Removed);
    }

    [Theory, EachDatabase]
    public async Task Who_is_too_far_behind_or_ahead_is_told_to_load_anew(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();
        await Task.WhenAll(Enumerable.Range(0, 501).Select(i => scene.Log.Post(ada, new PostMessage(channel, $"{i}"), Ct)));

        var behind = Assert.Single((await Sync(scene, ada, new SyncRequest(new Dictionary<Guid, long> { [channel] = 0 }))).Changed);
        var within = Assert.Single((await Sync(scene, ada, new SyncRequest(new Dictionary<Guid, long> { [channel] = 1 }))).Changed);
        var ahead = Assert.Single((await Sync(scene, ada, new SyncRequest(new Dictionary<Guid, long> { [channel] = 502 }))).Changed);

        Assert.Equal((true, 0, 501), (behind.Truncated, behind.Messages.Count, behind.Revision));
        Assert.Equal((false, 500), (within.Truncated, within.Messages.Count));
        Assert.Equal((true, 0, 501), (ahead.Truncated, ahead.Messages.Count, ahead.Revision));
        Assert.NotNull(ahead.Changed);
    }

    [Theory, EachDatabase]
    public async Task Large_answer_comes_in_parts_until_there_is_no_more(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channels = new List<Guid>();
        for (var i = 0; i < 12; i++) channels.Add(await scene.OpenChannel());
        foreach (var channel in channels) await Task.WhenAll(Enumerable.Range(0, 450).Select(i => scene.Log.Post(ada, new PostMessage(channel, $"{i}"), Ct)));
        var known = channels.ToDictionary(channel => channel, _ => 0L);

        var first = await Sync(scene, ada, new SyncRequest(known));
        foreach (var changed in first.Changed) known[changed.Id] = changed.Revision;
        var second = await Sync(scene, ada, new SyncRequest(known));

        Assert.Equal((true, false), (first.More, second.More));
        Assert.InRange(first.Changed.Sum(changed => changed.Messages.Count), 1, United.Core.Messages.Sync.MostRows);
        Assert.Equal(12 * 450, first.Changed.Concat(second.Changed).Sum(changed => changed.Messages.Count));
    }

    [Theory, EachDatabase]
    public async Task Own_watermarks_come_along_and_those_of_others_where_receipts_are_told(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        await scene.Database.Write(sql => sql.Execute("update users set read_receipts = @no where id = @eve", ("no", false), ("eve", eve.UserId)));
        var (channel, group) = (await scene.OpenChannel(), await scene.Conversation(ConversationKind.Group, ada, bob, eve));
        await scene.Log.Post(ada, new PostMessage(channel, "x"), Ct);
        await scene.Log.Post(ada, new PostMessage(group, "x"), Ct);
        time.Advance(TimeSpan.FromMinutes(10));
        var since = time.GetUtcNow().ToUnixTimeMilliseconds();
        time.Advance(TimeSpan.FromSeconds(-59 + 60));
        foreach (var reader in (Caller[])[bob, eve])
        {
            await scene.Log.MarkRead(reader, new MoveWatermark(channel, 1), Ct);
            await scene.Log.MarkRead(reader, new MoveWatermark(group, 1), Ct);
            await scene.Log.MarkDelivered(reader, new MoveWatermark(group, 1), Ct);
        }
        var known = new Dictionary<Guid, long> { [channel] = 1, [group] = 1 };

        var forAda = await Sync(scene, ada, new SyncRequest(known, ReceiptsSince: since));
        var forBob = await Sync(scene, bob, new SyncRequest(known, ReceiptsSince: since + 30_000)); // within the overlap

        Assert.Equal(new[] { (group, bob.UserId, WatermarkKind.Read), (group, bob.UserId, WatermarkKind.Delivered), (group, eve.UserId, WatermarkKind.Delivered) }.Order(),
            forAda.Receipts.Select(receipt => (receipt.ConversationId, receipt.UserId, receipt.Kind)).Order());
        Assert.Empty(forAda.Changed);
        Assert.Equal(3, forBob.Receipts.Count(receipt => receipt.UserId == bob.UserId));
        Assert.Equal(new[] { channel, group }.Order(), forBob.Changed.Select(changed => changed.Id).Order());
        Assert.All(forBob.Changed, changed => Assert.Equal((1, 0), (changed.State.LastRead, changed.State.UnreadCount)));
        Assert.Empty((await Sync(scene, bob, new SyncRequest(known))).Receipts);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty((await Sync(scene, bob, new SyncRequest(known, ReceiptsSince: since + 120_000))).Receipts);
    }

    [Theory, EachDatabase]
    public async Task Who_asked_last_before_the_clock_was_set_back_gets_all_that_moved(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (group, muted) = (await scene.Conversation(ConversationKind.Group, ada, bob), await scene.Conversation(ConversationKind.Group, ada, bob));
        await scene.Post(ada, group, "x");
        var known = new Dictionary<Guid, long> { [group] = 1, [muted] = 0 };
        var since = (await Sync(scene, bob, new SyncRequest(known, ReceiptsSince: 0))).ServerTime;

        time.SetBack(TimeSpan.FromHours(1));
        await scene.Log.MarkRead(bob, new MoveWatermark(group, 1), Ct);
        await scene.Database.Write(sql => SettingsRows.Touch(sql, muted, [bob.UserId], time.GetUtcNow().ToUnixTimeMilliseconds()));

        foreach (var reader in (Caller[])[ada, bob])
            Assert.Contains(new Receipt(group, bob.UserId, WatermarkKind.Read, 1, time.GetUtcNow().ToUnixTimeMilliseconds()),
                (await Sync(scene, reader, new SyncRequest(known, ReceiptsSince: since))).Receipts);
        var next = await Sync(scene, bob, new SyncRequest(known, ReceiptsSince: since));
        Assert.Equal(new[] { group, muted }.Order(), next.Changed.Select(changed => changed.Id).Order());
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), next.ServerTime);
    }

    [Theory, EachDatabase]
    public async Task Repair_tells_each_change_once_in_its_present_state(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(Permissions.All), await scene.Person());
        var channels = Directory(scene);
        var channel = (await channels.Create(ada, new CreateChannel("repair", Private: true, MemberIds: [bob.UserId]), Ct)).Value.Id; // 1 to 3
        var first = (await scene.Log.Post(ada, new PostMessage(channel, "first"), Ct)).Value; // 4
        var second = (await scene.Log.Post(bob, new PostMessage(channel, "second"), Ct)).Value; // 5
        await scene.Log.React(bob, new AddReaction(first.MessageId, "+"), Ct); // 6
        await scene.Log.Edit(ada, new EditMessage(channel, first.MessageId, "changed"), Ct); // 7
        await scene.Log.Delete(bob, new DeleteMessage(channel, second.MessageId), Ct); // 8
        await channels.Change(ada, new ChangeChannel(channel, Topic: "t"), Ct); // 9
        await channels.RemoveMember(ada, channel, bob.UserId, Ct); // 10, and 11 tells of it

        async Task<IReadOnlyList<ConversationEvent>> Since(long revision) =>
            Assert.Single(await new ChangesSince(scene.Database).Read(new Dictionary<Guid, long> { [channel] = revision }, Ct)).Events();

        // The removal goes before all others; the reaction comes inside the message that is told whole.
        Assert.Equal([("MemberChanged", 10L), ("MessagePosted", 7), ("MessageDeleted", 8), ("ConversationCreated", 9), ("MessagePosted", 11)], Named(await Since(0)).Where(told => told.Item2 > 3));
        Assert.Equal([("MemberChanged", 10L), ("MessagePosted", 7), ("MessageDeleted", 8), ("ConversationUpdated", 9), ("MessagePosted", 11)], Named(await Since(5)));
        Assert.Equal("+", Assert.Single((await Since(5)).OfType<MessagePosted>().First().Message.Reactions).Emoji);
        await scene.Log.React(ada, new AddReaction(first.MessageId, "-"), Ct);
        Assert.Equal([("ReactionAdded", 12L)], Named(await Since(11)));
        await scene.Log.Unreact(ada, new RemoveReaction(first.MessageId, "-"), Ct);
        Assert.Equal([("ReactionRemoved", 13L)], Named(await Since(11)));
        Assert.Empty(await Since(13));
        await channels.Delete(ada, channel, Ct);
        Assert.IsType<ConversationRemoved>(Assert.Single(await Since(3)));
    }

    private static IEnumerable<(string, long)> Named(IEnumerable<ConversationEvent> events) => events.Select(told => (told.GetType().Name, told.Revision));

    private static async Task<SyncAnswer> Sync(LogScene scene, Caller caller, SyncRequest request) => (await new Sync(scene.Database, scene.Time).Read(caller, request, Ct)).Value;

    private static ChannelDirectory Directory(LogScene scene) => new(scene.Database, scene.Log, new Control(scene.Bus), scene.Limits, scene.Time);
}
