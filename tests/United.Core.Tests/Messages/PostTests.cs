using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class PostTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Post_gets_the_next_number_and_is_told_as_it_was_stored(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        var channel = await scene.OpenChannel();
        var question = await Posted(scene, ada, new PostMessage(channel, "Where?"));

        var answer = await Posted(scene, bob, new PostMessage(channel, $"@user:{ada.UserId} here", question.MessageId, "c1"));

        Assert.Equal((2, 2), (answer.Sequence, answer.Revision));
        var told = Assert.IsType<MessagePosted>(scene.Bus.Of(channel)[^1]).Message;
        var stored = Assert.Single(await scene.Database.Read(sql => MessageRows.ByIds(sql, [answer.MessageId])));
        Assert.Equivalent(stored, told, strict: true);
        Assert.Equal([ada.UserId], told.MentionUserIds);
        Assert.Equal((question.MessageId, "Where?", ada.UserId), (told.ReplyTo!.Id, told.ReplyTo.Excerpt, told.ReplyTo.SenderId));
        Assert.Equal([1L, 4L], await Kinds(scene, answer.Sequence));
        Assert.Equal(2, await scene.Count("select last_read_sequence from conversation_members where user_id = @id", ("id", bob.UserId)));
        Assert.Equal(1, await scene.Count("select count(*) from conversations where last_sequence = 2 and revision = 2 and last_message_id = @id", ("id", answer.MessageId)));
    }

    [Theory, EachDatabase]
    public async Task Same_client_id_fifty_times_at_once_is_one_message_and_one_result(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var ada = await scene.Person();
        var channel = await scene.OpenChannel();

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            scene.Log.Post(ada, new PostMessage(channel, $"attempt {i}", ClientId: "once"), Ct)));

        Assert.Single(results.Select(result => (result.Value.MessageId, result.Value.Sequence, result.Value.Timestamp)).Distinct());
        Assert.Single(results, result => !result.Value.Duplicate);
        Assert.Single(scene.Bus.Published);
        Assert.Equal(1, await scene.Count("select count(*) from messages"));
        Assert.Equal(2, (await Posted(scene, ada, new PostMessage(channel, "next"))).Sequence);
    }

    private static async Task<PostResult> Posted(LogScene scene, Caller caller, PostMessage request) => (await scene.Log.Post(caller, request, Ct)).Value;

    private static Task<List<long>> Kinds(LogScene scene, long sequence) =>
        scene.Database.Read(sql => sql.All("select kind from mentions where server_sequence = @n order by kind", row => (long)row.Int32(0), ("n", sequence)));
}
