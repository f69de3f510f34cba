using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Storage;

/// <summary>The read-only views that keep the requirements' names say what the tables say.</summary>
public sealed class ReportingViewsTests
{
    [Theory, EachDatabase]
    public async Task Reads_deliveries_unread_counts_and_reactions_of_a_group_show_in_the_views(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        var group = await scene.Conversation(ConversationKind.Group, ada, bob, eve);
        var first = await scene.Post(ada, group, "one");
        var second = await scene.Post(ada, group, "two");
        var third = await scene.Post(bob, group, "three");
        await scene.Log.MarkRead(eve, new MoveWatermark(group, first.Sequence));
        await scene.Log.MarkDelivered(eve, new MoveWatermark(group, second.Sequence));
        await scene.Log.React(bob, new AddReaction(first.MessageId, "like"));
        await scene.Log.React(eve, new AddReaction(first.MessageId, "love"));
        await scene.Log.Unreact(eve, new RemoveReaction(first.MessageId, "love"));
        await scene.SetState(group, ada, MemberState.Left);

        Assert.Equal(2, await scene.Count("select count(*) from conversation_participants where conversation_id = @group", ("group", group)));
        Assert.Equal(first.Sequence, await Of("last_read", "last_sequence", "channel_id", group, eve));
        Assert.Equal(2, await Of("conversation_unread_counts", "unread_count", "conversation_id", group, eve));
        Assert.Equal(0, await Of("conversation_unread_counts", "unread_count", "conversation_id", group, bob));
        Assert.Equal(["delivered", "read", "sent"], (await Texts("select status from message_status where user_id = @user", eve)).Order());
        Assert.Equal(1, await scene.Count("select count(*) from message_read_receipts where message_id = @id and user_id = @user", ("id", first.MessageId), ("user", eve.UserId)));
        Assert.Equal(0, await scene.Count("select count(*) from message_read_receipts where message_id = @id and user_id = @user", ("id", third.MessageId), ("user", eve.UserId)));
        Assert.Equal(["like"], await Texts("select emoji from message_reactions where user_id <> @user", ada));

        Task<long> Of(string view, string column, string key, Guid id, Caller who) =>
            scene.Count($"select {column} from {view} where {key} = @id and user_id = @user", ("id", id), ("user", who.UserId));

        Task<List<string>> Texts(string query, Caller who) => scene.Database.Read(sql => sql.All(query, row => row.Text(0), ("user", who.UserId)));
    }

    [Theory, EachDatabase]
    public async Task Encrypted_conversations_show_in_views_of_their_own(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var dm = await scene.Conversation(ConversationKind.Dm, ada, bob);
        await scene.Conversation(ConversationKind.Group, ada, bob);
        await scene.Database.Write(sql => sql.Execute(
            "insert into direct_pairs (kind, low, high, conversation_id) values (4, @low, @high, @id)", ("low", new byte[] { 1 }), ("high", new byte[] { 2 }), ("id", dm)));

        Assert.Equal(1, await scene.Count("select count(*) from dm_conversations where id = @id and participant_a_pubkey = @low", ("id", dm), ("low", new byte[] { 1 })));
        Assert.Equal(1, await scene.Count("select count(*) from dm_conversations"));
        Assert.Equal(0, await scene.Count("select count(*) from dm_messages"));
    }
}
