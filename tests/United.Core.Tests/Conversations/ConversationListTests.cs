using United.Core.Conversations;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Conversations;

public sealed class ConversationListTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Most_recent_comes_first_page_after_page_and_channels_are_left_out(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var talks = Talks.Over(scene);
        var (ada, bob) = (await scene.Person(), await scene.Person());
        await scene.OpenChannel();
        await scene.PrivateChannel(ada);
        var groups = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            groups.Add(await talks.Group(ada, bob));
            if (i % 2 == 0) time.Advance(TimeSpan.FromSeconds(1)); // some in the same millisecond
        }
        var dm = await scene.Conversation(ConversationKind.Dm, ada, bob);
        await scene.Database.Write(sql => sql.Execute("update conversations set creator_id = @ada where id = @dm", ("ada", ada.UserId), ("dm", dm)));
        time.Advance(TimeSpan.FromSeconds(1));
        await scene.Post(bob, groups[1], $"hello @user:{ada.UserId}");

        var whole = await talks.List(ada, new ListConversations(), Ct);
        var paged = new List<ConversationView>();
        for (ListPlace? after = null; ; after = ListPlace.Of(paged[^1].Conversation))
        {
            var page = await talks.List(ada, new ListConversations(After: after, Limit: 2), Ct);
            if (page.Count == 0) break;
            Assert.InRange(page.Count, 1, 2);
            paged.AddRange(page);
        }

        Assert.Equal(whole.Select(view => view.Conversation.Id), paged.Select(view => view.Conversation.Id));
        Assert.Equal((groups[1], 1, 1, bob.UserId), (whole[0].Conversation.Id, whole[0].UnreadCount, whole[0].MentionCount, whole[0].LastMessage?.SenderId));
        Assert.Equal(new HashSet<Guid>([.. groups, dm]), [.. whole.Select(view => view.Conversation.Id)]);
        Assert.Equal(dm, whole[^1].Conversation.Id);
    }

    [Theory, EachDatabase]
    public async Task First_twenty_members_are_shown_with_their_number_and_all_of_them_page_by_page(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var people = await scene.People(25);
        var group = await talks.Group(people[0], people[1..]);
        await talks.RemoveMember(people[3], group, people[3].UserId, Ct);
        var ids = people.Where(person => person != people[3]).Select(person => person.UserId).Order().ToArray();

        var view = Assert.Single(await talks.List(people[1], new ListConversations(), Ct));
        var first = (await talks.Members(people[1], group, null, 10, Ct)).Value;
        var rest = (await talks.Members(people[1], group, first[^1].Member.UserId, 100, Ct)).Value;

        Assert.Equal((20, 24), (view.Members.Count, view.MemberCount));
        Assert.Equal(ids[..20], view.Members.Select(shown => shown.Member.UserId));
        Assert.Equal(ids, first.Concat(rest).Select(shown => shown.Member.UserId));
        Assert.Equal(10, first.Count);
    }

    [Theory, EachDatabase]
    public async Task Watermarks_of_others_are_shown_where_they_are_told(Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await LogScene.On(engine, time: time);
        var talks = Talks.Over(scene);
        var (ada, bob, eve) = (await scene.Person(), await scene.Person(), await scene.Person());
        await scene.Database.Write(sql => sql.Execute("update users set read_receipts = @no where id = @eve", ("no", false), ("eve", eve.UserId)));
        var group = await talks.Group(ada, bob, eve);
        var last = (await scene.Post(ada, group, "x")).Sequence;
        foreach (var reader in (Caller[])[bob, eve])
        {
            await scene.Log.MarkDelivered(reader, new MoveWatermark(group, last), Ct);
            await scene.Log.MarkRead(reader, new MoveWatermark(group, last), Ct);
        }

        Assert.Equal((last, last), Shown(await talks.Find(ada, group, Ct), bob));
        Assert.Equal((0, last), Shown(await talks.Find(ada, group, Ct), eve));
        Assert.Equal((last, last), Shown(await talks.Find(eve, group, Ct), eve));
        Assert.Equal((last, last), Shown(await talks.List(ada, new ListConversations(), Ct), bob));

        time.Advance(TimeSpan.FromMilliseconds(1)); // the first members are shown, in the order of their ids
        await Enlarge(scene, group, 254);
        Assert.Equal((null, null), Shown(await talks.Find(ada, group, Ct), bob));
        Assert.Equal((last, last), Shown(await talks.Find(bob, group, Ct), bob));
        Assert.Equal(257, (await talks.Find(ada, group, Ct)).Value.MemberCount);
    }

    [Theory, EachDatabase]
    public async Task Channels_are_listed_as_before_and_bring_no_members(Engine engine)
    {
        await using var scene = await LogScene.On(engine);
        var talks = Talks.Over(scene);
        var ada = await scene.Person();
        var (open, closed) = (await scene.OpenChannel(), await scene.PrivateChannel(ada));
        await talks.Group(ada);
        await talks.Notify(ada, open, NotificationLevel.None, Ct);

        var channels = await new ConversationList(scene.Database).Channels(ada, Ct);

        Assert.Equal(new[] { open, closed }.Order(), channels.Select(view => view.Conversation.Id).Order());
        Assert.All(channels, view => Assert.Equal((0, 0), (view.Members.Count, view.MemberCount)));
        Assert.Equal(NotificationLevel.None, channels.Single(view => view.Conversation.Id == open).Settings.Notifications);
    }

    private static (long? Read, long? Delivered) Shown(Result<ConversationView> found, Caller member) => Shown([found.Value], member);

    private static (long? Read, long? Delivered) Shown(IReadOnlyList<ConversationView> views, Caller member)
    {
        var shown = Assert.Single(views).Members.Single(shown => shown.Member.UserId == member.UserId);
        return (shown.LastRead, shown.LastDelivered);
    }

    private static Task Enlarge(LogScene scene, Guid group, int by) => scene.Database.Write(async sql =>
    {
        for (var i = 0; i < by; i++)
        {
            var id = Core.Ids.New(scene.Time);
            await sql.Execute("insert into users (id, username, display_name, role, created_at) values (@id, @name, 'x', 0, 0)", ("id", id), ("name", id.ToString("N")));
            await sql.Execute("insert into conversation_members (conversation_id, user_id, joined_at) values (@group, @id, 0)", ("group", group), ("id", id));
        }
    });
}
