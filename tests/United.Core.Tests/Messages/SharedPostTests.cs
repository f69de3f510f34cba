using United.Core.Channels;
using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Core.Tests.Conversations;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>Messages that shared a post of a channel, once that is gone.</summary>
public sealed class SharedPostTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Whoever_shared_a_post_that_is_deleted_forgets_it_and_everybody_there_hears_of_it(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, news) = (await scene.Person(Permissions.ManageMessages), await scene.Person(), await scene.OpenChannel());
        var (group, direct) = (await scene.Conversation(ConversationKind.Group, ada, bob), await Talks.Over(scene).Direct(ada, bob));
        var (post, other) = (await scene.Post(bob, news, "open"), await scene.Post(bob, news, "stays"));
        var shared = new List<PostResult>();
        foreach (var (place, id) in ((Guid, Guid)[])[(group, post.MessageId), (group, other.MessageId), (group, post.MessageId), (direct, post.MessageId)])
            shared.Add(await scene.Post(ada, new PostMessage(place, "look", SharedPostId: id)));
        var sync = new Sync(scene.Database, scene.Time);

        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(news, post.MessageId), Ct)).Ok);

        foreach (var (place, told) in ((Guid, PostResult[])[])[(group, [shared[0], shared[2]]), (direct, [shared[3]])])
        {
            var changed = Assert.Single((await sync.Read(bob, new SyncRequest(new Dictionary<Guid, long> { [place] = told[^1].Revision }, Partial: true), Ct)).Value.Changed);
            var heard = scene.Bus.Of(place).OfType<MessagePosted>().Where(posted => posted.Revision > told[^1].Revision).Select(posted => posted.Message).ToList();
            Assert.Equal(told.Select(one => one.MessageId).Order(), changed.Messages.Select(message => message.Id).Order());
            Assert.Equal(changed.Messages.Select(message => (message.Id, message.Revision)), heard.Select(message => (message.Id, message.Revision)));
            Assert.All(changed.Messages.Concat(heard), left => Assert.Equal((MessageType.SharedPost, "look", null, null), (left.Type, left.Content, left.SharedPostId, left.SharedPost)));
        }
        Assert.Equal(other.MessageId, (await scene.Message(shared[1].MessageId)).SharedPostId);
        foreach (var place in (Guid[])[group, direct]) await scene.AssertDense(place);
    }

    [Theory, EachDatabase]
    public async Task What_a_moderator_takes_off_the_queue_is_forgotten_too(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, bob, news) = (await scene.Person(Permissions.ManageMessages), await scene.Person(), await scene.OpenChannel());
        var post = await scene.Post(bob, news, "rude");
        var shared = await scene.Post(bob, new PostMessage(await scene.Conversation(ConversationKind.Group, bob), "", SharedPostId: post.MessageId));
        Assert.True((await new MessageReports(scene.Database, scene.Bus, scene.Time).Report(ada, new ReportMessage(post.MessageId, "rude"), Ct)).Ok);

        Assert.True((await new FlaggedMessages(scene.Database, scene.Log, scene.Time).Delete(ada, post.MessageId, Ct)).Ok);

        Assert.Null((await scene.Message(shared.MessageId)).SharedPostId);
    }

    [Theory, EachDatabase]
    public async Task However_often_it_was_shared_it_is_forgotten_everywhere(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ada, news) = (await scene.Person(), await scene.OpenChannel());
        Guid[] places = [await scene.Conversation(ConversationKind.Group, ada), await scene.Conversation(ConversationKind.Group, ada), news];
        var post = await scene.Post(ada, news, "popular");
        await Task.WhenAll(Enumerable.Range(0, 450).Select(i => scene.Post(ada, new PostMessage(places[i % 3], "", SharedPostId: post.MessageId))));

        Assert.True((await scene.Log.Delete(ada, new DeleteMessage(news, post.MessageId), Ct)).Ok);

        Assert.Equal(0, await scene.Count("select count(*) from messages where shared_post_id is not null"));
        foreach (var place in places) await scene.AssertDense(place);
    }

    [Theory, EachDatabase]
    public async Task Posts_of_a_deleted_channel_and_what_a_crash_left_are_forgotten_within_the_hour(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var owner = await scene.Person(Permissions.All);
        var channels = new ChannelDirectory(scene.Database, scene.Log, new Control(scene.Bus), scene.Limits, scene.Time);
        var (purged, closed, news) = (await scene.OpenChannel(), await scene.OpenChannel(), await scene.OpenChannel());
        var (group, ended) = (await scene.Conversation(ConversationKind.Group, owner), await Talks.Over(scene).Group(owner));
        var posts = new List<Guid>();
        foreach (var channel in (Guid[])[purged, closed, news, news]) posts.Add((await scene.Post(owner, channel, "post")).MessageId);
        foreach (var post in posts) await scene.Post(owner, new PostMessage(group, "", SharedPostId: post));
        await scene.Post(owner, new PostMessage(ended, "", SharedPostId: posts[0]));
        Assert.True((await Talks.Over(scene).RemoveMember(owner, ended, owner.UserId, Ct)).Ok);
        Assert.True((await channels.Delete(owner, purged, Ct)).Ok);
        await new ConversationUpkeep(scene.Database).Run(Ct);
        Assert.True((await channels.Delete(owner, closed, Ct)).Ok);
        await scene.Database.Write(sql => sql.Execute("update messages set deleted = true where id = @id", ("id", posts[2])));

        await scene.Log.SharedPosts.Run(Ct);

        var shown = (await new History(scene.Database).Page(owner, new ReadHistory(group), Ct)).Value.Messages;
        Assert.Equal([posts[3], null, null, null], shown.Select(message => message.SharedPostId));
        await scene.AssertDense(group);
        Assert.Equal(7, scene.Bus.Of(group).Count);
    }
}
