using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class WatermarkTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Watermark_moves_forward_only_and_never_beyond_the_last_message(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, channel) = (await scene.Person(), await scene.Person(), await scene.OpenChannel());
        for (var i = 0; i < 5; i++) await scene.Post(ada, channel, $"@user:{bob.UserId} {i}");

        Assert.Equal(new WatermarkResult(3, 2, 2), await Read(scene, bob, channel, 3));
        Assert.Equal(new WatermarkResult(3, 2, 2), await Read(scene, bob, channel, 1));
        Assert.Equal(new WatermarkResult(5, 0, 0), await Read(scene, bob, channel, long.MaxValue));

        Assert.Equal(
            [new UnreadChanged(bob.UserId, channel, 3, 2, 2), new UnreadChanged(bob.UserId, channel, 5, 0, 0)],
            scene.Bus.Published.OfType<UnreadChanged>());
        Assert.Equal(5, await scene.Count("select revision from conversations where id = @id", ("id", channel)));
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_moved_in_an_empty_channel_and_no_row_is_made(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, channel) = (await scene.Person(), await scene.OpenChannel());

        Assert.Equal(new WatermarkResult(0, 0, 0), await Read(scene, ada, channel, 7));

        Assert.Equal(0, await scene.Count("select count(*) from conversation_members"));
        Assert.Empty(scene.Bus.Published);
    }

    [Theory, EachDatabase]
    public async Task Whoever_may_not_read_moves_nothing(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, stranger, former) = (await scene.Person(), await scene.Person(), await scene.Person());
        var closed = await scene.PrivateChannel(ada, former);
        await scene.Post(ada, closed, "x");
        await scene.SetState(closed, former, MemberState.Left);
        var before = await scene.Trace();

        Assert.Equal(Fault.NotFound, (await scene.Log.MarkRead(stranger, new MoveWatermark(closed, 1), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.MarkRead(former, new MoveWatermark(closed, 1), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.MarkDelivered(stranger, new MoveWatermark(closed, 1), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.MarkRead(ada, new MoveWatermark(Ids.New(scene.Time), 1), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.ValidationFailed, (await scene.Log.MarkRead(ada, new MoveWatermark(closed, -1), Ct)).Refusal?.Fault);

        Assert.Equal(before, await scene.Trace());
    }

    [Theory, EachDatabase]
    public async Task Read_and_delivered_are_two_watermarks(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);
        for (var i = 0; i < 3; i++) await scene.Post(ada, direct, "x");

        var (read, delivered) = (scene.Log.MarkRead(bob, new MoveWatermark(direct, 1), Ct), scene.Log.MarkDelivered(bob, new MoveWatermark(direct, 3), Ct));

        Assert.Equal((1, 3), ((await read).Value.Sequence, (await delivered).Value.Sequence));
        Assert.Single(scene.Bus.Published.OfType<UnreadChanged>());
        Assert.Equal([(1, 1L), (2, 3L)], await Receipts(scene, bob));
    }

    [Theory, EachDatabase]
    public async Task Many_devices_that_read_at_once_end_at_the_furthest(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, channel) = (await scene.Person(), await scene.Person(), await scene.OpenChannel());
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => scene.Post(ada, channel, "x")));

        var results = await Task.WhenAll(Enumerable.Range(1, 60).Select(i => Read(scene, bob, channel, 7 * i % 61)));

        Assert.All(results, (result, i) => Assert.InRange(result.Sequence, 7 * (i + 1) % 61, 60));
        Assert.Equal(60, await scene.Count("select last_read_sequence from conversation_members where user_id = @id", ("id", bob.UserId)));
        var last = scene.Bus.Published.OfType<UnreadChanged>().MaxBy(told => told.LastRead)!;
        Assert.Equal((60, 0), (last.LastRead, last.UnreadCount));
    }

    [Theory, EachDatabase]
    public async Task Receipts_are_kept_where_others_hear_of_them_and_nowhere_else(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, shy) = (await scene.Person(), await scene.Person(), await scene.Person());
        await scene.Database.Write(sql => sql.Execute("update users set read_receipts = false where id = @id", ("id", shy.UserId)));
        var crowd = await scene.People(256);
        var (channel, group) = (await scene.PrivateChannel(ada, bob, shy), await scene.Conversation(ConversationKind.Group, ada, bob, shy));
        var large = await scene.Conversation(ConversationKind.Group, [ada, .. crowd]);
        foreach (var id in (Guid[])[channel, group, large]) await scene.Post(ada, id, "x");

        foreach (var reader in (Caller[])[bob, shy])
        {
            await Read(scene, reader, channel, 1);
            await Read(scene, reader, group, 1);
            await Read(scene, reader, group, 1);
        }
        await Read(scene, crowd[0], large, 1);

        Assert.Equal([(1, 1L)], await Receipts(scene, bob));
        Assert.Empty(await Receipts(scene, shy));
        Assert.Empty(await Receipts(scene, crowd[0]));
    }

    [Theory, EachDatabase]
    public async Task Post_is_a_receipt_only_if_it_passes_over_words_of_others(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var direct = await scene.Conversation(ConversationKind.Direct, ada, bob);

        await scene.Post(ada, direct, "one");
        await scene.Post(ada, direct, "two");
        await scene.Post(bob, direct, "three");
        await scene.Post(bob, direct, "four");

        Assert.Empty(await Receipts(scene, ada));
        Assert.Equal([(1, 3L)], await Receipts(scene, bob));
    }

    private static async Task<WatermarkResult> Read(LogScene scene, Caller caller, Guid conversation, long sequence) =>
        (await scene.Log.MarkRead(caller, new MoveWatermark(conversation, sequence), Ct)).Value;

    private static Task<List<(int Kind, long Sequence)>> Receipts(LogScene scene, Caller caller) => scene.Database.Read(sql => sql.All(
        "select kind, sequence from receipt_events where user_id = @id order by kind, sequence", row => (row.Int32(0), row.Int64(1)), ("id", caller.UserId)));
}
