using United.Core.Messages;
using United.Core.Moderation;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

public sealed class MessageReportsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Reports_of_a_message_are_counted_once_for_each_reporter_and_told_to_the_moderators(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var (moderator, ann, bob, channel) = (await scene.Person(Permissions.ManageMessages), await scene.Person(), await scene.Person(), await scene.OpenChannel());
        var (bad, fine) = (await scene.Post(ann, channel, "bad"), await scene.Post(ann, channel, "fine"));
        foreach (var (reporter, reason) in ((Caller, string)[])[(ann, "first"), (bob, "rude"), (ann, "changed my mind")])
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.True((await Reports(scene).Report(reporter, new ReportMessage(bad.MessageId, reason), Ct)).Ok);
        }

        var queued = Assert.Single((await Queue(scene).List(moderator, null, 10, Ct)).Value);

        Assert.Equal((bad.MessageId, "bad", 2), (queued.Message.Id, queued.Message.Content, queued.Reports));
        Assert.Equal(["changed my mind", "rude"], queued.Reasons);
        Assert.Equal(new MessageFlagged(channel, bad.MessageId, Revision: null), scene.Bus.Published[^1]);
        Assert.NotEqual(bad.MessageId, fine.MessageId);
    }

    [Theory, EachDatabase]
    public async Task Only_who_may_read_a_message_reports_it_and_a_refusal_leaves_nothing_behind(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ann, bob, stranger) = (await scene.Person(), await scene.Person(), await scene.Person());
        var (group, dm) = (await scene.Conversation(ConversationKind.Group, ann, bob), await scene.Conversation(ConversationKind.Dm, ann, bob));
        var (secret, gone) = (await scene.Post(ann, group, "secret"), await scene.Post(ann, group, "gone"));
        var encrypted = (await scene.Log.Append(new Notice(dm, ann, scene.Time), Ct)).Value.Id;
        await scene.Log.Delete(ann, new DeleteMessage(group, gone.MessageId), Ct);

        async Task<(Fault?, string?)> Refused(Caller caller, Guid message, string reason) =>
            (await Reports(scene).Report(caller, new ReportMessage(message, reason), Ct)).Refusal is { } refusal ? (refusal.Fault, refusal.Field) : default;

        Assert.Equal((Fault.NotFound, null), await Refused(stranger, secret.MessageId, "x"));
        Assert.Equal((Fault.NotFound, null), await Refused(bob, gone.MessageId, "x"));
        Assert.Equal((Fault.NotFound, null), await Refused(bob, Ids.New(scene.Time), "x"));
        Assert.Equal((Fault.EncryptedConversation, null), await Refused(bob, encrypted, "x"));
        foreach (var reason in (string[])["", "  ", new('x', 501), "\0", "\ud800"])
            Assert.Equal((Fault.ValidationFailed, "reason"), await Refused(bob, secret.MessageId, reason));
        Assert.Equal(0, await scene.Count("select count(*) from message_reports"));
        Assert.Equal(default, await Refused(bob, secret.MessageId, new string('x', 500)));
    }

    [Theory, EachDatabase]
    public async Task A_moderator_sees_and_takes_back_the_reported_message_of_a_private_conversation_and_nothing_around_it(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (moderator, ann, bob) = (await scene.Person(Permissions.ManageMessages), await scene.Person(), await scene.Person());
        var group = await scene.Conversation(ConversationKind.Group, ann, bob);
        var first = await scene.Post(ann, group, "between us");
        var bad = await scene.Post(ann, new PostMessage(group, "bad", first.MessageId));
        await scene.Log.React(bob, new AddReaction(bad.MessageId, "like"), Ct);
        await Reports(scene).Report(bob, new ReportMessage(bad.MessageId, "rude"), Ct);

        var queued = Assert.Single((await Queue(scene).List(moderator, null, 10, Ct)).Value).Message;
        Assert.Equal(("bad", null), (queued.Content, queued.ReplyTo));
        Assert.Empty(queued.Reactions);
        Assert.Equal(Fault.NotFound, (await new History(scene.Database).Page(moderator, new ReadHistory(group), Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await Queue(scene).Delete(moderator, first.MessageId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await Queue(scene).Delete(bob, bad.MessageId, Ct)).Refusal?.Fault);

        Assert.True((await Queue(scene).Delete(moderator, bad.MessageId, Ct)).Ok);
        Assert.IsType<MessageDeleted>(scene.Bus.Published[^1]);
        Assert.True((await scene.Message(bad.MessageId)).Deleted);
        Assert.Empty((await Queue(scene).List(moderator, null, 10, Ct)).Value);
        Assert.Equal(0, await scene.Count("select count(*) from message_reports"));
    }

    [Theory, EachDatabase]
    public async Task Dismissing_clears_flag_and_reports_and_deleted_messages_leave_the_queue(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        scene.Log.Words = new WordList(["darn"]);
        var (moderator, ann, channel) = (await scene.Person(Permissions.ManageMessages), await scene.Person(), await scene.OpenChannel());
        var (both, taken) = (await scene.Post(ann, channel, "darn"), await scene.Post(ann, channel, "taken back"));
        foreach (var message in (Guid[])[both.MessageId, taken.MessageId]) await Reports(scene).Report(ann, new ReportMessage(message, "rude"), Ct);

        await scene.Log.Delete(ann, new DeleteMessage(channel, taken.MessageId), Ct);
        var queued = Assert.Single((await Queue(scene).List(moderator, null, 10, Ct)).Value);
        Assert.Equal((both.MessageId, true, 1), (queued.Message.Id, queued.Message.Flagged, queued.Reports));
        Assert.True((await Queue(scene).Dismiss(moderator, both.MessageId, Ct)).Ok);
        Assert.Empty((await Queue(scene).List(moderator, null, 10, Ct)).Value);
        Assert.Equal(Fault.NotFound, (await Queue(scene).Dismiss(moderator, both.MessageId, Ct)).Refusal?.Fault);

        await Reports(scene).Report(ann, new ReportMessage(both.MessageId, "again"), Ct);
        Assert.Equal(["again"], Assert.Single((await Queue(scene).List(moderator, null, 10, Ct)).Value).Reasons);
    }

    [Theory, EachDatabase]
    public async Task A_report_beside_the_deletion_of_its_message_leaves_nothing_behind(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var (ann, channel) = (await scene.Person(), await scene.OpenChannel());
        for (var i = 0; i < 30; i++)
        {
            var posted = await scene.Post(ann, channel, "x");
            await Task.WhenAll(Reports(scene).Report(ann, new ReportMessage(posted.MessageId, "x"), Ct), scene.Log.Delete(ann, new DeleteMessage(channel, posted.MessageId), Ct));
        }

        Assert.Equal(0, await scene.Count("select count(*) from message_reports"));
    }

    private static MessageReports Reports(LogScene scene) => new(scene.Database, scene.Bus, scene.Time);

    private static FlaggedMessages Queue(LogScene scene) => new(scene.Database, scene.Log, scene.Time);
}
