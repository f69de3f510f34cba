using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.DirectMessages;

/// <summary>What is taken out of the order of a conversation, by several at once, or was there before there were marks.</summary>
public sealed class TakenMarkTests
{
    private static readonly byte[] Sealed = [1, 2, 3];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Acknowledged_in_any_order_what_remains_waits_in_its_order(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var sent = (await scene.Sent(ada, dm, 12)).Select(message => message.Id).ToArray();
        var left = sent.ToList();

        foreach (var several in (int[][])[[7], [3, 4], [0], [9, 1], [11, 2, 8], [6], [5], [10]])
        {
            var ids = Array.ConvertAll(several, i => sent[i]);
            Assert.Equal(ids.Length, await scene.Acknowledge(bob, ids));
            Assert.Equal(0, await scene.Acknowledge(bob, ids));
            left.RemoveAll(ids.Contains);
            Assert.Equal(left, await scene.Waiting(bob));
        }
        Assert.Equal(0, await scene.Entries(bob));
    }

    [Theory, EachDatabase]
    public async Task Of_two_devices_that_fetch_the_same_one_acknowledges_it(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Sent(ada, dm, 40);
        await using var other = scene.Other();

        var (one, two) = (await scene.Waiting(bob), await other.Waiting(bob));
        Assert.Equal(one, two);
        var counts = await Task.WhenAll(scene.Acknowledge(bob, one), other.Acknowledge(bob, [.. two.Reverse()]));

        Assert.Equal(40, counts.Sum());
        Assert.Empty(await scene.Waiting(bob));
        Assert.Equal(0, await scene.Entries(bob));
    }

    [Theory, EachDatabase]
    public async Task However_many_take_at_once_nothing_is_lost_and_nothing_taken_waits(Engine engine)
    {
        const int Count = 1_000, Workers = 8;
        await using var scene = await DmScene.On(engine);
        await using var other = scene.Other();
        var (ada, bob, dm) = await scene.Pair();
        var ids = (await scene.Sent(ada, dm, Count / 2)).Select(message => message.Id).ToList();
        var sending = Task.Run(() => scene.Sent(ada, dm, Count / 2), Ct);

        // Each from another end: marks jump to and fro over what others are about to take.
        var (first, keep) = (ids.ToArray(), ids.Where((_, i) => i % 10 == 3).ToHashSet());
        var taken = await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var (node, count) = (worker % 2 == 0 ? scene : other, 0);
            var mine = first.Where((id, i) => i % Workers == worker && !keep.Contains(id)).ToArray();
            foreach (var id in worker % 3 == 0 ? mine.Reverse() : mine) count += await node.Acknowledge(bob, id);
            return count;
        }, Ct)));

        ids.AddRange((await sending).Select(message => message.Id));
        Assert.Equal(first.Length - keep.Count, taken.Sum());
        var waiting = new List<Guid>();
        while (await scene.Waiting(bob) is { Length: > 0 } page)
        {
            waiting.AddRange(page);
            await scene.Acknowledge(bob, page);
        }
        Assert.Equal(ids.Where(id => keep.Contains(id) || !first.Contains(id)), waiting);
    }

    [Theory, EachDatabase]
    public async Task What_connections_took_and_what_is_acknowledged_race_a_thousand_times(Engine engine)
    {
        await using var node = await DmNode.On(engine);
        await node.Connect();
        for (var round = 0; round < 125; round++)
        {
            var sent = new List<Guid>();
            for (var i = 0; i < 8; i++) sent.Add(await node.Send());
            await node.PassUnseen(DmScene.Sure + TimeSpan.FromSeconds(1));
            var acknowledging = Task.Run(async () =>
            {
                foreach (var id in sent.Where((_, i) => i % 2 == round % 2).Reverse()) await node.Dm.Acknowledge(node.Bob, id);
            }, Ct);
            await Task.WhenAll(acknowledging, node.Dm.Queue.TakeOutlived());
            Assert.Empty(await node.WaitingElsewhere());
        }
        Assert.Equal(0, await node.Entries());
    }

    [Theory, EachDatabase]
    public async Task What_is_deleted_waits_no_longer_whether_it_has_an_entry_or_not(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var sent = (await scene.Sent(ada, dm, 4)).Select(message => message.Id).ToArray();
        await scene.Acknowledge(bob, sent[1]);

        foreach (var i in (int[])[0, 3]) Assert.True((await scene.Scene.Log.Delete(ada, new DeleteMessage(dm, sent[i]), Ct)).Ok);

        Assert.Equal([sent[2]], await scene.Waiting(bob));
        Assert.Equal(0, await scene.Acknowledge(bob, sent[0], sent[3]));
        Assert.Equal([sent[2]], await scene.Waiting(bob));
    }

    [Theory, EachDatabase]
    public async Task Neither_read_nor_delivered_messages_get_entries(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        await scene.Sent(ada, dm, 3);
        await scene.Scene.Log.MarkRead(bob, new MoveWatermark(dm, 3), Ct);
        await scene.Send(bob, dm);
        var later = await scene.Sent(ada, dm, 4);
        await scene.Scene.Log.MarkDelivered(bob, new MoveWatermark(dm, later[1].Sequence), Ct);

        Assert.Equal(1, await scene.Acknowledge(bob, later[3].Id));

        Assert.Equal([later[2].Id], await scene.Waiting(bob));
        Assert.Equal(1, await scene.Entries(bob));
    }

    [Theory, EachDatabase]
    public async Task After_a_restore_into_the_other_database_the_same_waits(Engine engine)
    {
        await using var scene = await DmScene.On(engine);
        var (ada, bob, dm) = await scene.Pair();
        var sent = (await scene.Sent(ada, dm, 5)).Select(message => message.Id).ToArray();
        await scene.Acknowledge(bob, sent[1], sent[3]);
        var file = Path.Combine(Path.GetTempPath(), $"united-{Guid.NewGuid():N}.tar.gz");
        await using var other = await TestDatabase.Create(engine == Engine.Sqlite ? Engine.Postgres : Engine.Sqlite, migrate: false);
        try
        {
            await using (var stream = File.Create(file)) await Backup.Write(scene.Scene.Database, stream, "test", TimeProvider.System, ct: Ct);
            await Restore.Into(other.Database, file, replace: false, TimeProvider.System, _ => Task.CompletedTask, ct: Ct);
        }
        finally
        {
            File.Delete(file);
        }

        var queue = new OfflineQueue(other.Database, new LiveDeliveries(TimeProvider.System, DmScene.DeadFoundWithin));
        Assert.Equal([sent[0], sent[2], sent[4]], (await queue.Waiting(bob, ct: Ct)).Value.Select(message => message.Id));
        Assert.Equal(2, (await queue.Acknowledge(bob, [sent[0], sent[4]], Ct)).Value);
        Assert.Equal([sent[2]], (await queue.Waiting(bob, ct: Ct)).Value.Select(message => message.Id));
    }

    [Theory, EachDatabase]
    public async Task A_database_from_before_the_marks_goes_on_where_it_was(Engine engine)
    {
        await using var test = await TestDatabase.Create(engine, migrate: false);
        var (time, ada, bob, dm) = (TimeProvider.System, Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await test.Database.Write(async sql =>
        {
            await Migrations.Apply(sql, time, upTo: 7);
            await Before(sql, ada, bob, dm);
            await Migrations.Apply(sql, time);
        });
        var caller = new Caller(bob, bob, "bob", "Bob", "00", Role.Member, Permissions.None);
        var queue = new OfflineQueue(test.Database, new LiveDeliveries(time, DmScene.DeadFoundWithin));

        // The first one was taken, and has no entry any more.
        var waiting = (await queue.Waiting(caller, ct: Ct)).Value;
        Assert.Equal([2, 3], waiting.Select(message => message.Sequence));
        Assert.All(waiting, message => Assert.Equal(Sealed, message.Sealed?.Payload));
        await test.Database.Write(async sql =>
        {
            await sql.Execute("update messages set payload = @bytes, nonce = @bytes, ephemeral_pubkey = @bytes, sent_at = 0 where id = @id",
                ("bytes", Sealed), ("id", await Stored(sql, ada, dm, 4)));
            await sql.Execute("update conversations set last_sequence = 4 where id = @dm", ("dm", dm));
        });
        Assert.Equal([2, 3, 4], (await queue.Waiting(caller, ct: Ct)).Value.Select(message => message.Sequence));
        Assert.Equal(2, (await queue.Acknowledge(caller, [.. waiting.Select(message => message.Id)], Ct)).Value);
        Assert.Equal([4], (await queue.Waiting(caller, ct: Ct)).Value.Select(message => message.Sequence));
    }

    private static async Task Before(Sql sql, Guid ada, Guid bob, Guid dm)
    {
        await sql.Execute("insert into conversations (id, kind, created_at, last_sequence) values (@dm, 4, 0, 3)", ("dm", dm));
        foreach (var user in (Guid[])[ada, bob])
        {
            await sql.Execute("insert into users (id, username, display_name, role, created_at) values (@id, @name, 'Somebody', 0, 0)", ("id", user), ("name", user.ToString("N")));
            await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) values (@dm, @user, 0)", ("dm", dm), ("user", user));
        }
        await sql.Execute("insert into direct_pairs (kind, low, high, conversation_id, low_user_id, high_user_id) values (4, @low, @high, @dm, @ada, @bob)",
            ("low", ada.ToByteArray()), ("high", bob.ToByteArray()), ("dm", dm), ("ada", ada), ("bob", bob));
        for (var number = 1; number <= 3; number++)
        {
            var id = await Stored(sql, ada, dm, number);
            await sql.Execute("insert into dm_payloads (message_id, payload, nonce, ephemeral_pubkey, sent_at) values (@id, @bytes, @bytes, @bytes, 0)", ("id", id), ("bytes", Sealed));
            if (number > 1) await sql.Execute("""
                insert into dm_offline_queue (recipient_id, message_id, conversation_id, bytes, queued_at, visible_at) values (@bob, @id, @dm, 1, @number, 0)
                """, ("bob", bob), ("id", id), ("dm", dm), ("number", (long)number));
        }
    }

    private static async Task<Guid> Stored(Sql sql, Guid sender, Guid dm, int number)
    {
        var id = Guid.CreateVersion7();
        await sql.Execute("""
            insert into messages (conversation_id, server_sequence, id, sender_id, send_key, type, content, revision, timestamp)
            values (@dm, @number, @id, @sender, @id, 5, '', @number, @number)
            """, ("dm", dm), ("number", (long)number), ("id", id), ("sender", sender));
        return id;
    }
}
