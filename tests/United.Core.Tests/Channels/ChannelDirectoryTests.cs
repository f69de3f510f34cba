using United.Core.Channels;
using United.Core.Messages;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Channels;

public sealed class ChannelDirectoryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Channel_is_listed_with_what_it_was_made_of_and_my_counts(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var (ada, bob) = (await Manager(scene), await scene.Person());

        var made = (await channels.Create(ada, new CreateChannel(" News ", "What is new\nhere", "Talk", ReadOnly: true), Ct)).Value;
        await scene.Log.Post(ada, new PostMessage(made.Id, $"hello @user:{bob.UserId}"), Ct);

        var view = Assert.Single(await channels.List(bob, Ct));
        Assert.Equal(("News", "What is new\nhere", "Talk", true, true, 0), (view.Conversation.Name, view.Conversation.Topic, view.Conversation.Category,
            view.Conversation.ReadOnly, view.Conversation.Open, view.Conversation.Position));
        Assert.Equal((0, 1, 1), (view.LastRead, view.UnreadCount, view.MentionCount));
        Assert.Equal(ada.UserId, view.LastMessage?.SenderId);
        Assert.Equal(0, Assert.Single(await channels.List(ada, Ct)).UnreadCount);
        Assert.IsType<ConversationCreated>(scene.Bus.Of(made.Id)[0]);
    }

    [Theory, EachDatabase]
    public async Task Channels_stand_in_the_order_of_their_positions(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var ada = await Manager(scene);
        var first = (await channels.Create(ada, new CreateChannel("a"), Ct)).Value;
        var second = (await channels.Create(ada, new CreateChannel("b"), Ct)).Value;
        var third = (await channels.Create(ada, new CreateChannel("c"), Ct)).Value;

        Assert.True((await channels.Change(ada, new ChangeChannel(first.Id, Position: 9), Ct)).Ok);

        Assert.Equal([second.Id, third.Id, first.Id], (await channels.List(ada, Ct)).Select(view => view.Conversation.Id));
    }

    [Theory, EachDatabase]
    public async Task Change_touches_only_what_is_given_and_is_told_once(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var ada = await Manager(scene);
        var made = (await channels.Create(ada, new CreateChannel("news", "old", "Talk"), Ct)).Value;

        var changed = (await channels.Change(ada, new ChangeChannel(made.Id, Topic: "new", ReadOnly: true), Ct)).Value;
        var same = (await channels.Change(ada, new ChangeChannel(made.Id, Topic: "new"), Ct)).Value;

        Assert.Equal(made with { Topic = "new", ReadOnly = true, Revision = 2 }, changed);
        Assert.Equal(changed, same);
        Assert.Equal([1L, 2L], scene.Bus.Of(made.Id).Select(told => told.Revision));
        Assert.Empty(scene.Bus.Announced);
    }

    [Theory, EachDatabase]
    public async Task Renaming_is_told_by_a_system_message_that_nobody_has_to_read(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var (ada, bob) = (await Manager(scene), await scene.Person());
        var made = (await channels.Create(ada, new CreateChannel("news"), Ct)).Value;

        await channels.Change(ada, new ChangeChannel(made.Id, Name: "olds"), Ct);

        var told = Assert.IsType<MessagePosted>(scene.Bus.Of(made.Id)[^1]).Message;
        Assert.Equal((MessageType.System, ada.UserId, "changed the name to “olds”"), (told.Type, told.SenderId, told.Content));
        Assert.Equal(0, (await channels.Find(bob, made.Id, Ct)).Value.UnreadCount);
    }

    [Theory, EachDatabase]
    public async Task Private_channel_exists_for_its_members_alone(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var (ada, bob, admin) = (await Manager(scene), await scene.Person(), await scene.Person(Permissions.All));
        var secret = (await channels.Create(ada, new CreateChannel("secret", Private: true, MemberIds: [bob.UserId]), Ct)).Value;

        Assert.Single(await channels.List(ada, Ct));
        Assert.Single(await channels.List(bob, Ct));
        Assert.Empty(await channels.List(admin, Ct));
        foreach (var refused in (Refusal?[])
        [
            (await channels.Find(admin, secret.Id, Ct)).Refusal, (await channels.Change(admin, new ChangeChannel(secret.Id, Name: "x"), Ct)).Refusal,
            (await channels.Delete(admin, secret.Id, Ct)).Refusal, (await channels.AddMember(admin, secret.Id, admin.UserId, Ct)).Refusal,
            (await channels.RemoveMember(admin, secret.Id, bob.UserId, Ct)).Refusal, (await channels.RemoveMember(admin, secret.Id, admin.UserId, Ct)).Refusal,
        ])
            Assert.Equal(Fault.NotFound, refused?.Fault);
        Assert.Equal(3, scene.Bus.Of(secret.Id).Count); // created, two members
    }

    [Theory, EachDatabase]
    public async Task Who_is_let_in_reads_everything_and_has_nothing_unread(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var (ada, bob) = (await Manager(scene), await scene.Person());
        var secret = (await channels.Create(ada, new CreateChannel("secret", Private: true), Ct)).Value;
        await scene.Log.Post(ada, new PostMessage(secret.Id, "before"), Ct);

        Assert.True((await channels.AddMember(ada, secret.Id, bob.UserId, Ct)).Ok);
        Assert.True((await channels.AddMember(ada, secret.Id, bob.UserId, Ct)).Ok);

        var view = (await channels.Find(bob, secret.Id, Ct)).Value;
        Assert.Equal((1, 0), (view.LastRead, view.UnreadCount));
        Assert.Contains((await new History(scene.Database).Page(bob, new ReadHistory(secret.Id), Ct)).Value.Messages, message => message.Content == "before");
        Assert.Single(scene.Bus.Of(secret.Id).OfType<MemberChanged>(), told => told.Member.UserId == bob.UserId);
    }

    [Theory, EachDatabase]
    public async Task Removal_and_leaving_are_in_force_before_they_are_answered(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var (ada, bob, eve) = (await Manager(scene), await scene.Person(), await scene.Person());
        var secret = (await channels.Create(ada, new CreateChannel("secret", Private: true, MemberIds: [bob.UserId, eve.UserId]), Ct)).Value;

        Assert.True((await channels.RemoveMember(ada, secret.Id, bob.UserId, Ct)).Ok);
        Assert.True((await channels.RemoveMember(eve, secret.Id, eve.UserId, Ct)).Ok);
        Assert.True((await channels.RemoveMember(ada, secret.Id, bob.UserId, Ct)).Ok); // is out already

        var told = scene.Bus.Of(secret.Id).OfType<MemberChanged>().Where(change => change.Member.State != MemberState.Member).ToList();
        Assert.Equal([(bob.UserId, MemberState.Removed), (eve.UserId, MemberState.Left)], told.Select(change => (change.Member.UserId, change.Member.State)));
        Assert.Equal(told.Select(change => (ControlChange)new ControlChange.MembershipRevoked(secret.Id, change.Member.UserId, change.Revision)), scene.Bus.Announced);
        Assert.Equal(Fault.NotFound, (await channels.Find(bob, secret.Id, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.Post(eve, new PostMessage(secret.Id, "still here?"), Ct)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task Last_one_who_leaves_takes_the_channel_along(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var ada = await Manager(scene);
        var secret = (await channels.Create(ada, new CreateChannel("secret", Private: true), Ct)).Value;

        Assert.True((await channels.RemoveMember(ada, secret.Id, ada.UserId, Ct)).Ok);

        Assert.IsType<ConversationRemoved>(scene.Bus.Of(secret.Id)[^1]);
        Assert.True((await channels.Create(ada, new CreateChannel("secret"), Ct)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Closing_an_open_channel_keeps_out_all_who_were_not_let_in(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var (ada, bob) = (await Manager(scene), await scene.Person());
        var channel = (await channels.Create(ada, new CreateChannel("news"), Ct)).Value;
        await scene.Log.Post(bob, new PostMessage(channel.Id, "I have a watermark here"), Ct);
        await scene.Log.MarkRead(ada, new MoveWatermark(channel.Id, 1), Ct);

        var closed = (await channels.Change(ada, new ChangeChannel(channel.Id, Private: true), Ct)).Value;

        Assert.False(closed.Open);
        Assert.Empty(await channels.List(bob, Ct));
        Assert.Equal((1, 0), Counts((await channels.Find(ada, channel.Id, Ct)).Value));
        Assert.IsType<ControlChange.MembershipRevoked>(Assert.Single(scene.Bus.Announced));
        Assert.True((await channels.Change(ada, new ChangeChannel(channel.Id, Private: false), Ct)).Ok);
        Assert.Equal((1, 0), Counts(Assert.Single(await channels.List(bob, Ct))));
    }

    [Theory, EachDatabase]
    public async Task Deleted_channel_is_gone_for_everybody_and_its_name_is_free(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var (ada, bob) = (await Manager(scene), await scene.Person());
        var channel = (await channels.Create(ada, new CreateChannel("News"), Ct)).Value;

        Assert.True((await channels.Delete(ada, channel.Id, Ct)).Ok);

        Assert.Empty(await channels.List(bob, Ct));
        Assert.Equal(Fault.NotFound, (await channels.Find(ada, channel.Id, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await channels.Delete(ada, channel.Id, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await scene.Log.Post(bob, new PostMessage(channel.Id, "hello?"), Ct)).Refusal?.Fault);
        Assert.True((await channels.Create(ada, new CreateChannel("nEWS"), Ct)).Ok);
        Assert.Equal(channel.Id, Assert.IsType<ControlChange.MembershipRevoked>(Assert.Single(scene.Bus.Announced)).ConversationId);
    }

    [Theory, EachDatabase]
    public async Task Name_is_taken_whatever_its_case_and_form(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var ada = await Manager(scene);
        await channels.Create(ada, new CreateChannel("Café"), Ct);
        var other = (await channels.Create(ada, new CreateChannel("other"), Ct)).Value;

        foreach (var name in (string[])["café", "CAFÉ", "Cafe\u0301", " café "])
        {
            Assert.Equal(Fault.NameTaken, (await channels.Create(ada, new CreateChannel(name), Ct)).Refusal?.Fault);
            Assert.Equal(Fault.NameTaken, (await channels.Change(ada, new ChangeChannel(other.Id, Name: name), Ct)).Refusal?.Fault);
        }
        Assert.True((await channels.Change(ada, new ChangeChannel(other.Id, Name: "OTHER"), Ct)).Ok);
    }

    [Fact]
    public async Task Of_two_nodes_that_take_a_name_at_once_one_gets_it()
    {
        await using var scene = await LogScene.On(Engine.Postgres);
        await using var second = scene.SecondNode();
        var ada = await Manager(scene);

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Directory(i % 2 == 0 ? scene : second).Create(ada, new CreateChannel("news"), Ct)));

        Assert.Single(results, result => result.Ok);
        Assert.All(results.Where(result => !result.Ok), result => Assert.Equal(Fault.NameTaken, result.Refusal?.Fault));
    }

    [Theory, EachDatabase]
    public async Task Who_may_not_manage_channels_may_only_look(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var (ada, bob) = (await Manager(scene), await scene.Person(Permissions.All & ~Permissions.ManageChannels));
        var open = (await channels.Create(ada, new CreateChannel("open"), Ct)).Value;
        var shared = (await channels.Create(ada, new CreateChannel("shared", Private: true, MemberIds: [bob.UserId]), Ct)).Value;
        var secret = (await channels.Create(ada, new CreateChannel("secret", Private: true), Ct)).Value;
        var before = scene.Bus.Published.Count;

        Assert.Equal(Fault.Forbidden, (await channels.Create(bob, new CreateChannel("mine"), Ct)).Refusal?.Fault);
        foreach (var (channel, fault) in ((Guid, Fault)[])[(open.Id, Fault.Forbidden), (shared.Id, Fault.Forbidden), (secret.Id, Fault.NotFound)])
        {
            Assert.Equal(fault, (await channels.Change(bob, new ChangeChannel(channel, Name: "mine"), Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await channels.Delete(bob, channel, Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await channels.AddMember(bob, channel, bob.UserId, Ct)).Refusal?.Fault);
            Assert.Equal(fault, (await channels.RemoveMember(bob, channel, ada.UserId, Ct)).Refusal?.Fault);
        }
        Assert.Equal(before, scene.Bus.Published.Count);
    }

    [Theory, EachDatabase]
    public async Task Refuses_what_makes_no_channel(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var ada = await Manager(scene);
        var kept = (await channels.Create(ada, new CreateChannel("kept"), Ct)).Value;
        (CreateChannel Request, string Field)[] bad =
        [
            (new(""), "name"), (new("   "), "name"), (new(new string('x', 65)), "name"), (new("a\u0000b"), "name"), (new("a\nb"), "name"), (new("a\ud800"), "name"), (new("a\u202eb"), "name"),
            (new("a", new string('x', 1025)), "topic"), (new("a", "\u0007"), "topic"), (new("a", Category: new string('x', 65)), "category"), (new("a", Category: "a\nb"), "category"),
            (new("a", Position: -1), "position"), (new("a", Position: 100_001), "position"), (new("a", MemberIds: [ada.UserId]), "member_ids"),
            (new("a", Private: true, MemberIds: [Ids.New(scene.Time)]), "member_ids"),
            (new("a", Private: true, MemberIds: [.. Enumerable.Range(0, 101).Select(_ => Ids.New(scene.Time))]), "member_ids"),
        ];

        foreach (var (request, field) in bad)
        {
            var refusal = (await channels.Create(ada, request, Ct)).Refusal;
            Assert.Equal((Fault.ValidationFailed, field), (refusal?.Fault, refusal?.Field));
            if (field == "member_ids") continue;
            refusal = (await channels.Change(ada, new ChangeChannel(kept.Id, request.Name, request.Topic, request.Category, request.Position), Ct)).Refusal;
            Assert.Equal((Fault.ValidationFailed, field), (refusal?.Fault, refusal?.Field));
        }
        Assert.Equal(kept, (await channels.Find(ada, kept.Id, Ct)).Value.Conversation);
        Assert.Equal(Fault.Conflict, (await channels.AddMember(ada, kept.Id, ada.UserId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.Conflict, (await channels.RemoveMember(ada, kept.Id, ada.UserId, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await channels.Change(ada, new ChangeChannel(Ids.New(scene.Time), "x"), Ct)).Refusal?.Fault);
    }

    [Theory, EachDatabase]
    public async Task Conversations_of_other_kinds_are_no_channels(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var channels = Directory(scene);
        var ada = await Manager(scene);
        var group = await scene.Conversation(ConversationKind.Group, ada);

        Assert.Empty(await channels.List(ada, Ct));
        Assert.Equal(Fault.NotFound, (await channels.Find(ada, group, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await channels.Delete(ada, group, Ct)).Refusal?.Fault);
        Assert.Equal(Fault.NotFound, (await channels.RemoveMember(ada, group, ada.UserId, Ct)).Refusal?.Fault);
    }

    private static ChannelDirectory Directory(LogScene scene) => new(scene.Database, scene.Log, new Control(scene.Bus), scene.Limits, scene.Time);

    private static Task<Caller> Manager(LogScene scene) => scene.Person(Permissions.ManageChannels);

    private static (long, int) Counts(ConversationView view) => (view.LastRead, view.UnreadCount);
}
