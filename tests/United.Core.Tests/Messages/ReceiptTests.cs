using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>What others hear of a moved watermark, and what the sender of a message is answered.</summary>
public sealed class ReceiptTests
{
    private static readonly Dictionary<Guid, long> Nothing = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_moved_watermark_is_told_in_direct_conversations_and_groups_and_not_in_channels_or_crowds(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, group) = (await scene.Conversation(ConversationKind.Direct, ada, bob), await scene.Conversation(ConversationKind.Group, ada, bob));
        var (open, closed) = (await scene.OpenChannel(), await scene.PrivateChannel(ada, bob));
        var crowd = await scene.Conversation(ConversationKind.Group, [ada, bob, .. await scene.People(255)]);
        var posted = new Dictionary<Guid, Guid>();
        foreach (var id in (Guid[])[direct, group, open, closed, crowd])
        {
            posted[id] = (await scene.Post(ada, id, "one")).MessageId;
            await Read(scene, bob, id, 1);
            await Delivered(scene, bob, id, 1);
        }

        Assert.Equal(
            [(direct, WatermarkKind.Read), (direct, WatermarkKind.Delivered), (group, WatermarkKind.Read), (group, WatermarkKind.Delivered)],
            Told(scene).Select(told => (told.Conversation, told.Kind)));
        Assert.All(Told(scene), told => Assert.Equal((bob.UserId, 1, posted[told.Conversation]), (told.UserId, told.Sequence, told.MessageId)));
        Assert.Equal(5, scene.Bus.Published.OfType<UnreadChanged>().Count(told => told.UserId == bob.UserId));
    }

    [Theory, EachDatabase]
    public async Task Moves_of_many_devices_at_once_are_told_once_each_and_end_at_the_furthest(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        for (var i = 0; i < 60; i++) await scene.Post(ada, direct, "x");

        await Task.WhenAll(Enumerable.Range(1, 60).Select(i => Read(scene, bob, direct, 7 * i % 61)));

        var told = Told(scene).Select(moved => moved.Sequence).ToList();
        Assert.Equal(told.Order().Distinct(), told);
        Assert.Equal(60, told[^1]);
        Assert.Equal(told.Count, await scene.Count("select count(*) from receipt_events"));
        Assert.InRange(told.Count, 1, 30);
    }

    [Theory, EachDatabase]
    public async Task Who_writes_tells_that_they_read_the_words_of_others_above_and_their_own_devices_too(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);

        await scene.Post(ada, direct, "one");
        await scene.Post(ada, direct, "two");
        var answer = await scene.Post(bob, direct, "three");
        await scene.Post(bob, direct, "four");

        var told = Assert.Single(Told(scene));
        Assert.Equal((bob.UserId, WatermarkKind.Read, 3, answer.MessageId), (told.UserId, told.Kind, told.Sequence, told.MessageId));
        Assert.Equal([new UnreadChanged(bob.UserId, direct, 3, 0, 0)], scene.Bus.Published.OfType<UnreadChanged>());
    }

    [Theory, EachDatabase]
    public async Task What_was_read_with_read_receipts_off_is_told_to_nobody_then_or_later(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        var posted = new List<Guid>();
        for (var i = 0; i < 4; i++) posted.Add((await scene.Post(ada, direct, "x")).MessageId);

        await Read(scene, bob, direct, 1);
        await ReadReceipts(scene, bob, on: false);
        await Read(scene, bob, direct, 2);
        await Delivered(scene, bob, direct, 2);
        var off = await Sync(scene, ada);
        await ReadReceipts(scene, bob, on: true);

        Assert.Equal([(WatermarkKind.Read, 1L), (WatermarkKind.Delivered, 2L)], Told(scene).Select(told => (told.Kind, told.Sequence)));
        Assert.Equal([(WatermarkKind.Read, 1L), (WatermarkKind.Delivered, 2L)], off);
        Assert.Equal(off, await Sync(scene, ada));
        Assert.Equal(MessageStatus.Read, (await Receipts(scene, ada, direct, posted[0])).Status);
        Assert.Equal(MessageStatus.Delivered, (await Receipts(scene, ada, direct, posted[1])).Status);
        Assert.Equal(2, (await Read(scene, bob, direct, 0)).Sequence);

        await Read(scene, bob, direct, 3);
        Assert.Equal(MessageStatus.Read, (await Receipts(scene, ada, direct, posted[1])).Status);
        Assert.Equal(MessageStatus.Sent, (await Receipts(scene, ada, direct, posted[3])).Status);
    }

    [Theory]
    [InlineData(Engine.Sqlite, 0)]
    [InlineData(Engine.Postgres, 0)]
    [InlineData(Engine.Sqlite, 2)]
    [InlineData(Engine.Postgres, 2)]
    public async Task Who_has_not_accepted_a_request_tells_nothing_of_what_they_read(Engine engine, int state)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        var message = await scene.Post(ada, direct, "hello?");
        await Request(scene, direct, ada, bob, state);

        await Read(scene, bob, direct, 1);
        await Delivered(scene, bob, direct, 1);

        Assert.Empty(Told(scene));
        Assert.Empty(await Sync(scene, ada));
        var receipts = await Receipts(scene, ada, direct, message.MessageId);
        Assert.Equal(MessageStatus.Sent, receipts.Status);
        Assert.Equal([new MessageReceipt(bob.UserId, null, null)], receipts.Items);
        Assert.Equal([new UnreadChanged(bob.UserId, direct, 1, 0, 0)], scene.Bus.Published.OfType<UnreadChanged>().Where(told => told.UserId == bob.UserId));
    }

    [Theory, EachDatabase]
    public async Task Acceptance_tells_where_the_recipient_stands_and_not_when_they_came_there(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        var messages = new[] { await scene.Post(ada, direct, "one"), await scene.Post(ada, direct, "two"), await scene.Post(ada, direct, "three") };
        await Request(scene, direct, ada, bob, state: 0);
        await Read(scene, bob, direct, 1);
        await Delivered(scene, bob, direct, 2);
        time.Advance(TimeSpan.FromHours(1));
        var accepted = time.GetUtcNow().ToUnixTimeMilliseconds();

        Assert.True((await scene.Log.Append(new Accepts(direct, bob.UserId, accepted), Ct)).Ok);

        Assert.Equal(
            [(WatermarkKind.Delivered, 2L, messages[1].MessageId, accepted), (WatermarkKind.Read, 1L, messages[0].MessageId, accepted)],
            Told(scene).Select(told => (told.Kind, told.Sequence, told.MessageId, told.At)));
        Assert.Equal([(WatermarkKind.Read, 1L), (WatermarkKind.Delivered, 2L)], await Sync(scene, ada, accepted));
        Assert.Equal([new MessageReceipt(bob.UserId, accepted, accepted)], (await Receipts(scene, ada, direct, messages[0].MessageId)).Items);
        Assert.Equal([new MessageReceipt(bob.UserId, accepted, null)], (await Receipts(scene, ada, direct, messages[1].MessageId)).Items);
    }

    [Theory, EachDatabase]
    public async Task Between_two_of_whom_one_has_blocked_the_other_nothing_is_told_and_what_was_told_stays(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var (direct, group) = (await scene.Conversation(ConversationKind.Direct, ada, bob), await scene.Conversation(ConversationKind.Group, ada, bob));
        var messages = new[] { await scene.Post(ada, direct, "one"), await scene.Post(ada, direct, "two"), await scene.Post(ada, group, "three") };
        await Read(scene, bob, direct, 1);
        await scene.Database.Write(sql => sql.Execute(
            "insert into blocks (user_id, blocked_id, created_at) values (@bob, @ada, 0)", ("ada", ada.UserId), ("bob", bob.UserId)));

        await Read(scene, bob, direct, 2);
        await Delivered(scene, bob, direct, 2);
        await Read(scene, bob, group, 1);

        Assert.Equal([(direct, 1L), (group, 1L)], Told(scene).Select(told => (told.Conversation, told.Sequence)));
        Assert.Equal(MessageStatus.Read, (await Receipts(scene, ada, direct, messages[0].MessageId)).Status);
        Assert.Equal(MessageStatus.Sent, (await Receipts(scene, ada, direct, messages[1].MessageId)).Status);
    }

    [Theory, EachDatabase]
    public async Task Receipts_of_a_message_are_exact_and_name_who_was_there_when_it_was_sent(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob, eve, late) = (await scene.Person(), await scene.Person(), await scene.Person(), await scene.Person());
        var group = await scene.Conversation(ConversationKind.Group, ada, bob, eve);
        var (first, second) = (await scene.Post(ada, group, "one"), await scene.Post(ada, group, "two"));
        await scene.Database.Write(sql => sql.Execute(
            "insert into conversation_members (conversation_id, user_id, joined_at, last_read_sequence) values (@id, @user, @at, 2)",
            ("id", group), ("user", late.UserId), ("at", Now(time) + 1)));

        var deliveredFirst = await At(time, 1, () => Delivered(scene, bob, group, 1));
        var deliveredSecond = await At(time, 2, () => Delivered(scene, bob, group, 2));
        var readBoth = await At(time, 3, () => Read(scene, bob, group, 2));
        var readUnannounced = await At(time, 4, () => Read(scene, eve, group, 1));

        var receipts = await Receipts(scene, ada, group, first.MessageId);
        Assert.Equal(MessageStatus.Read, receipts.Status);
        Assert.Equal(
            new[] { new MessageReceipt(bob.UserId, deliveredFirst, readBoth), new MessageReceipt(eve.UserId, readUnannounced, readUnannounced) }.OrderBy(item => item.UserId),
            receipts.Items.OrderBy(item => item.UserId));
        receipts = await Receipts(scene, ada, group, second.MessageId);
        Assert.Equal(MessageStatus.Sent, receipts.Status);
        Assert.Contains(new MessageReceipt(bob.UserId, deliveredSecond, readBoth), receipts.Items);
        Assert.Contains(new MessageReceipt(eve.UserId, null, null), receipts.Items);
    }

    [Theory, EachDatabase]
    public async Task Receipts_are_for_the_sender_alone(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, stranger) = (await scene.Person(), await scene.Person(), await scene.Person());
        var (group, other) = (await scene.Conversation(ConversationKind.Group, ada, bob), await scene.Conversation(ConversationKind.Group, ada, bob));
        var channel = await scene.OpenChannel();
        var (message, gone, shouted) = (await scene.Post(ada, group, "x"), await scene.Post(ada, group, "y"), await scene.Post(ada, channel, "z"));
        await scene.Log.Delete(ada, new DeleteMessage(group, gone.MessageId), Ct);
        var reader = new ReceiptReader(scene.Database);

        Assert.Equal(Fault.Forbidden, (await reader.Of(bob, group, message.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.Of(stranger, group, message.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.Of(ada, other, message.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.Of(ada, group, gone.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await reader.Of(ada, group, Ids.New(scene.Time), Ct)).Refusal?.Fault);
        Assert.Empty((await reader.Of(ada, channel, shouted.MessageId, Ct)).Value.Items);
    }

    [Theory, EachDatabase]
    public async Task After_90_days_the_times_are_forgotten_and_how_far_was_told_is_not(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        var first = await scene.Post(ada, direct, "one");
        await scene.Post(ada, direct, "two");
        await Read(scene, bob, direct, 1);
        await Read(scene, bob, direct, 2);

        time.Advance(TimeSpan.FromDays(91));
        await new ReceiptUpkeep(scene.Database, time).Run(Ct);

        Assert.Equal(1, await scene.Count("select count(*) from receipt_events"));
        Assert.Equal(MessageStatus.Read, (await Receipts(scene, ada, direct, first.MessageId)).Status);
    }

    private static ReceiptMoved[] Told(LogScene scene) => [.. scene.Bus.Published.OfType<ReceiptMoved>()];

    private static async Task<long> At(ManualTime time, int minute, Func<Task> act)
    {
        time.Advance(TimeSpan.FromMinutes(minute));
        await act();
        return Now(time);
    }

    private static long Now(ManualTime time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static async Task<WatermarkResult> Read(LogScene scene, Caller caller, Guid conversation, long sequence) =>
        (await scene.Log.MarkRead(caller, new MoveWatermark(conversation, sequence), Ct)).Value;

    private static async Task<WatermarkResult> Delivered(LogScene scene, Caller caller, Guid conversation, long sequence) =>
        (await scene.Log.MarkDelivered(caller, new MoveWatermark(conversation, sequence), Ct)).Value;

    private static async Task<MessageReceipts> Receipts(LogScene scene, Caller caller, Guid conversation, Guid message) =>
        (await new ReceiptReader(scene.Database).Of(caller, conversation, message, Ct)).Value;

    private static async Task<IEnumerable<(WatermarkKind, long)>> Sync(LogScene scene, Caller caller, long since = 0) =>
        (await new Sync(scene.Database, scene.Time).Read(caller, new SyncRequest(Nothing, ReceiptsSince: since), Ct)).Value.Receipts
        .Where(receipt => receipt.UserId != caller.UserId).Select(receipt => (receipt.Kind, receipt.Sequence)).Order().ToList();

    private static Task<int> ReadReceipts(LogScene scene, Caller caller, bool on) => scene.Database.Write(sql => sql.Execute(
        "update users set read_receipts = @on where id = @id", ("on", on), ("id", caller.UserId)));

    private static Task<int> Request(LogScene scene, Guid conversation, Caller requester, Caller recipient, int state) => scene.Database.Write(sql => sql.Execute("""
        insert into message_requests (id, requester_id, recipient_id, conversation_id, state, created_at) values (@id, @requester, @recipient, @conversation, @state, 0)
        """, ("id", Ids.New(scene.Time)), ("requester", requester.UserId), ("recipient", recipient.UserId), ("conversation", conversation), ("state", state)));

    // What answering a request does, as far as receipts are concerned.
    private sealed class Accepts(Guid conversationId, Guid recipient, long at) : Change<Done>(conversationId)
    {
        public override async Task<Result<Done>> Apply(Sql sql, ConversationHead head)
        {
            await sql.Execute("update message_requests set state = 1 where recipient_id = @recipient", ("recipient", recipient));
            await ReceiptStore.Begin(sql, head, recipient, at);
            return default(Done);
        }
    }
}
