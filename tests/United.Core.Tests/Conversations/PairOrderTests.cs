using Npgsql;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

/// <summary>Two writers of PostgreSQL who make the same conversations of two, each of them several in one transaction.</summary>
public sealed class PairOrderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // The other writer makes the lower pair, then the higher one. Ours is asked for the higher one first, and has to wait with neither made.
    // The other looks for deadlocks at once, so that it is the one who fails.
    [Fact]
    public async Task Pairs_that_two_writers_make_are_made_in_one_order()
    {
        await using var scene = await LogScene.On(Engine.Postgres, new MessageLogOptions { Lanes = 1 });
        var talks = Talks.Over(scene);
        Caller[] people = [.. (await scene.People(3)).OrderBy(person => person.UserId.ToString(), StringComparer.Ordinal)];
        var (ada, low, high, channel) = (people[0], people[1], people[2], await scene.OpenChannel());
        await using var blocker = await RowLock.Take(scene.Test.Connection, channel);
        await using var watcher = await RowLock.Take(scene.Test.Connection, await scene.OpenChannel());
        await using var other = new NpgsqlConnection(scene.Test.Connection + ";Pooling=false");
        await other.OpenAsync(Ct);
        await using var others = await other.BeginTransactionAsync(Ct);

        var post = scene.Log.Post(ada, new PostMessage(channel, "holds the lane up"), Ct);
        await blocker.HeldUp(1);
        var first = talks.CreateDirect(ada, high.UserId, Ct);
        await Queued(scene, 1);
        var second = talks.CreateDirect(ada, low.UserId, Ct);
        await Queued(scene, 2);
        await Make(others, ada, low);
        await blocker.Release();
        await post;
        await watcher.HeldUp(1);
        await Make(others, ada, high);
        await others.RollbackAsync(Ct);

        Assert.All(await Task.WhenAll(first, second), made => Assert.True(made.Value.Created));
        Assert.Equal(2, await scene.Count("select count(*) from direct_pairs"));
    }

    private static async Task Queued(LogScene scene, int changes)
    {
        while (scene.Log.Waiting < changes) await Task.Yield();
    }

    private static async Task Make(NpgsqlTransaction transaction, Caller one, Caller other)
    {
        await using var command = new NpgsqlCommand(
            "set local deadlock_timeout = 1; insert into direct_pairs (kind, low, high, conversation_id) values (3, @low, @high, @id)", transaction.Connection, transaction);
        command.Parameters.AddWithValue("low", one.UserId.ToByteArray(bigEndian: true));
        command.Parameters.AddWithValue("high", other.UserId.ToByteArray(bigEndian: true));
        command.Parameters.AddWithValue("id", Guid.CreateVersion7());
        await command.ExecuteNonQueryAsync(Ct);
    }
}
