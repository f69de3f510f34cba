using United.Core;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Chat;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Groups, direct conversations and message requests, once per wire that makes them, with listeners on the protobuf socket.</summary>
public sealed class ConversationWireTests
{
    [Theory, EachWire(OfConversations = true)]
    public async Task A_group_is_founded_renamed_joined_and_left_and_its_members_hear_of_it(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert, carl) = (await scene.Join("anna"), await scene.Join("bert"), await scene.Join("carl"));
        var (hears, joins, stranger) = (await scene.Listen(bert), await scene.Listen(carl), await scene.Listen(scene.Owner));
        var (admin, member) = (await scene.Converse(wire, anna), await scene.Converse(wire, bert));

        var group = (await admin.CreateGroup("hikers", bert.Id)).Must();
        Assert.Equal(("group", "hikers", 2, "admin", true), (group.Kind, group.Name, group.MemberCount, group.Settings.Role, group.Created));
        Assert.Equal("hikers", (await Told(hears, group.Id, ConversationChange.New)).Name);
        await hears.Pushed(push => push.MemberEvent?.Member.UserId == bert.Id.ToString());

        Assert.Equal((403, "forbidden"), Refused(await member.Rename(group.Id, "climbers")));
        Assert.Equal((403, "forbidden"), Refused(await member.AddMember(group.Id, carl.Id)));
        Assert.Equal("climbers", (await admin.Rename(group.Id, "climbers")).Must().Name);
        Assert.Equal("climbers", (await Told(hears, group.Id, ConversationChange.Updated)).Name);

        (await admin.AddMember(group.Id, carl.Id)).Must();
        Assert.Equal("climbers", (await Told(joins, group.Id, ConversationChange.New)).Name);
        await hears.Pushed(push => push.MemberEvent?.Member is { State: MemberState.Member } added && added.UserId == carl.Id.ToString());
        (await admin.ChangeMember(group.Id, carl.Id, "admin")).Must();
        await hears.Pushed(push => push.MemberEvent?.Member.Role == "admin");

        (await admin.RemoveMember(group.Id, bert.Id)).Must();
        await Told(hears, group.Id, ConversationChange.Removed);
        Assert.Equal((404, "not_found"), Refused(await member.Find(group.Id)));
        (await admin.RemoveMember(group.Id, anna.Id)).Must();
        await joins.Pushed(push => push.MemberEvent?.Member is { State: MemberState.Left } left && left.UserId == anna.Id.ToString());
        var last = (await (await scene.Converse(wire, carl)).Find(group.Id)).Must();
        Assert.Equal(("admin", 1), (last.Settings.Role, last.MemberCount));
        Assert.Single(joins.Pushes, push => push.ConversationEvent is { Change: ConversationChange.New });
        Assert.DoesNotContain(stranger.Pushes, push => push.ToString().Contains(group.Id.ToString(), StringComparison.Ordinal));
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task A_direct_conversation_is_one_however_many_ask_for_it_from_both_sides(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var (annas, berts) = (await scene.Converse(wire, anna), await scene.Converse(wire, bert));

        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? annas.CreateDirect(bert.Id) : berts.CreateDirect(anna.Id)));

        var id = Assert.Single(made.Select(one => one.Must().Id).Distinct());
        Assert.Single(made, one => one.Must().Created);
        Assert.Equal(new HashSet<Guid> { anna.Id, bert.Id }, made[0].Must().Members.Select(member => member.User).ToHashSet());
        Assert.Equal((400, "validation_failed"), Refused(await annas.CreateDirect(anna.Id)));
        Assert.Equal((409, "conflict"), Refused(await annas.Rename(id, "no name for two")));
        Assert.Equal((404, "not_found"), Refused(await (await scene.Converse(wire, scene.Owner)).Find(id)));
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task The_list_has_the_most_recent_first_with_what_is_unread_page_by_page(WireKind wire, Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var (annas, berts) = (await scene.Converse(wire, anna), await scene.Converse(wire, bert));
        var groups = new List<Guid>();
        for (var i = 0; i < 5; i++) groups.Add((await annas.CreateGroup($"group {i}", bert.Id)).Must().Id);
        for (var i = 0; i < 5; i++) await PostLater(groups[i], $"in {i}");
        await PostLater(groups[1], $"again @user:{bert.Id}");

        var (seen, cursor) = (new List<SeenConversation>(), (string?)null);
        do
        {
            var page = (await berts.List(cursor: cursor, limit: 2)).Must();
            Assert.InRange(page.Conversations.Length, 1, 2);
            seen.AddRange(page.Conversations);
            cursor = page.Next;
        } while (cursor is not null);

        Assert.Equal([groups[1], groups[4], groups[3], groups[2], groups[0]], seen.Select(one => one.Id));
        Assert.Equal([2, 1, 1, 1, 1], seen.Select(one => one.Unread));
        Assert.Equal(($"again @user:{bert.Id}", anna.Id), (seen[0].LastMessage!.Content, seen[0].LastMessage!.Sender));
        Assert.All(seen, one => Assert.Equal(2, one.Members.Length));
        Assert.Equal((400, "validation_failed", "cursor"), Named(await berts.List(cursor: "made up")));
        Assert.Equal((400, "validation_failed", "state"), Named(await berts.List(state: "everything")));

        async Task PostLater(Guid group, string content)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            (await annas.Post(group, content)).Must();
        }
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task Hidden_muted_and_quiet_is_ones_own_and_known_to_ones_other_devices(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var (device, other) = (await scene.Listen(await scene.SignInAgain(anna)), await scene.Listen(bert));
        var (annas, berts) = (await scene.Converse(wire, anna), await scene.Converse(wire, bert));
        var group = (await annas.CreateGroup("quiet", bert.Id)).Must().Id;
        (await annas.Post(group, "before")).Must();
        var until = DateTimeOffset.UtcNow.AddHours(8).ToUnixTimeMilliseconds();

        (await annas.Mute(group, until)).Must();
        await device.Pushed(push => push.SettingsEvent?.Settings.MutedUntil == (ulong)until);
        (await annas.Notify(group, "mentions")).Must();
        await device.Pushed(push => push.SettingsEvent?.Settings is { Notifications: "mentions", MutedUntil: > 0 });
        (await annas.Hide(group)).Must();
        await device.Pushed(push => push.SettingsEvent?.Settings.Hidden == true);

        Assert.Empty((await annas.List()).Must().Conversations);
        Assert.Equal([group], (await annas.List("hidden")).Must().Conversations.Select(one => one.Id));
        Assert.Empty((await annas.History(group)).Must().Messages);
        Assert.Equal((false, "all", (long?)null), await Settings(berts, group));
        (await berts.Post(group, "after")).Must();
        Assert.Equal((false, "mentions", until), await Settings(annas, group));
        Assert.Equal(["after"], (await annas.History(group)).Must().Messages.Select(message => message.Content));
        (await annas.Mute(group, null)).Must();
        Assert.Equal((false, "mentions", (long?)null), await Settings(annas, group));

        Assert.Equal((400, "validation_failed"), Refused(await annas.Notify(group, "sometimes")));
        Assert.DoesNotContain(other.Pushes, push => push.SettingsEvent is not null);
        Assert.Equal((404, "not_found"), Refused(await (await scene.Converse(wire, scene.Owner)).Hide(group)));
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task A_request_waits_apart_and_nothing_goes_back_until_it_is_accepted(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var (asks, asked) = (await scene.Listen(anna), await scene.Listen(bert));
        var (annas, berts) = (await scene.Converse(wire, anna), await scene.Converse(wire, bert));
        var direct = (await annas.CreateDirect(bert.Id)).Must().Id;
        var hello = (await annas.Post(direct, "hello, may I?")).Must();

        var request = (await asked.Pushed(push => push.RequestEvent is { Change: RequestChange.New })).RequestEvent.Request;
        Assert.Equal((anna.Id.ToString(), bert.Id.ToString(), direct.ToString(), "pending"), (request.RequesterId, request.RecipientId, request.ConversationId, request.State));
        Assert.Empty((await berts.List()).Must().Conversations);
        Assert.Equal(Guid.Parse(request.Id), Assert.Single((await berts.List("requests")).Must().Conversations).Request!.Id);
        Assert.Equal("pending", Assert.Single((await annas.List()).Must().Conversations).Request!.State);

        (await berts.MarkDelivered(direct, 1)).Must();
        (await berts.MarkRead(direct, 1)).Must();
        (await berts.Type(direct)).Must();
        Assert.Equal((null, null), (await annas.Receipts(direct, hello.Id)).Must().Items[bert.Id]);
        Assert.Equal((0L, 0L), await Watermarks(annas, direct, bert));
        Assert.Equal((404, "not_found"), Refused(await annas.AnswerRequest(Guid.Parse(request.Id), accept: true)));
        Assert.Equal((404, "not_found"), Refused(await berts.AnswerRequest(direct, accept: true)));

        (await berts.AnswerRequest(Guid.Parse(request.Id), accept: true)).Must();
        var accepted = (await asks.Pushed(push => push.RequestEvent is not null)).RequestEvent;
        Assert.Equal((RequestChange.Accepted, request.Id, "accepted"), (accepted.Change, accepted.Request.Id, accepted.Request.State));
        await asks.Pushed(push => push.ReadEvent?.UserId == bert.Id.ToString());
        Assert.Equal((1L, 1L), await Watermarks(annas, direct, bert));
        Assert.Equal(direct, Assert.Single((await berts.List()).Must().Conversations).Id);
        var order = asks.Pushes.ToList();
        Assert.DoesNotContain(order.TakeWhile(push => push.RequestEvent is null), push =>
            push.ReadEvent?.UserId == bert.Id.ToString() || push.DeliveredEvent is not null || push.TypingEvent is not null);
    }

    [Theory, EachWire(OfConversations = true)]
    public async Task A_declined_request_looks_to_the_requester_like_one_that_waits(WireKind wire, Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert, carl) = (await scene.Join("anna"), await scene.Join("bert"), await scene.Join("carl"));
        var (device, asks) = (await scene.Listen(await scene.SignInAgain(bert)), await scene.Listen(anna));
        var (annas, berts) = (await scene.Converse(wire, anna), await scene.Converse(wire, bert));
        var (declined, waiting) = ((await annas.CreateDirect(bert.Id)).Must().Id, (await annas.CreateDirect(carl.Id)).Must().Id);
        (await annas.Post(declined, "hello?")).Must();
        for (var i = 0; i < 5; i++) (await annas.Post(waiting, "hello?")).Must();

        var request = Assert.Single((await berts.List("requests")).Must().Conversations).Request!;
        (await berts.AnswerRequest(request.Id, accept: false)).Must();
        await device.Pushed(push => push.RequestEvent is { Change: RequestChange.Declined });

        Assert.Empty((await berts.List("requests")).Must().Conversations);
        Assert.Equal(await annas.Post(waiting, "one too many"), await annas.Post(declined, "and now?"));
        Assert.Equal("request_limit", (await annas.Post(declined, "and now?")).Code);
        Assert.All((await annas.List()).Must().Conversations, one => Assert.Equal("pending", one.Request!.State));
        Assert.DoesNotContain(asks.Pushes, push => push.RequestEvent is not null);
    }

    [Theory, EachDatabase]
    public async Task Nothing_reaches_who_was_removed_once_that_was_acknowledged(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var group = await scene.Group(anna, bert);
        var listener = await scene.Listen(anna);
        var (removed, stays, owner) = (await scene.Converse(WireKind.Proto, anna), await scene.Converse(WireKind.Proto, bert), await scene.Converse(WireKind.Rest, scene.Owner));
        var flood = Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            await removed.Post(group, $"anna {i}");
            await stays.Post(group, $"before {i}");
            await stays.MarkRead(group, 2 * i);
        }));

        (await owner.RemoveMember(group, anna.Id)).Must();
        var last = (await owner.History(group, limit: 1)).Must().Messages[0].Sequence;
        await flood;
        var after = (await stays.Post(group, "without anna")).Must();
        (await stays.MarkDelivered(group, after.Sequence)).Must();
        (await stays.Type(group)).Must();
        (await owner.Rename(group, "without anna")).Must();

        var nowhere = Ids.New(TimeProvider.System);
        Assert.Equal(await removed.Post(nowhere, "still here?"), await removed.Post(group, "still here?"));
        Assert.Equal(await removed.MarkRead(nowhere, 1), await removed.MarkRead(group, 1));
        Assert.Equal(await removed.History(nowhere), await removed.History(group));
        Assert.Equal(await removed.Type(nowhere), await removed.Type(group));
        Assert.Equal(await removed.Find(nowhere), await removed.Find(group));
        Assert.DoesNotContain((await owner.History(group, after: last, limit: 100)).Must().Messages, message => message.Sender == anna.Id);
        await listener.Pushed(push => push.ConversationEvent is { Change: ConversationChange.Removed });
        var heard = listener.Pushes.SkipWhile(push => push.ConversationEvent is not { Change: ConversationChange.Removed }).Skip(1);
        Assert.DoesNotContain(heard, push => push.ToString().Contains(group.ToString(), StringComparison.Ordinal));
    }

    private static async Task<Conversation> Told(ProtoClient client, Guid id, ConversationChange change) =>
        (await client.Pushed(push => push.ConversationEvent is { } told && told.Change == change && told.Conversation.Id == id.ToString())).ConversationEvent.Conversation;

    private static async Task<(bool, string, long?)> Settings(IConversationsDriver driver, Guid conversation)
    {
        var settings = (await driver.Find(conversation)).Must().Settings;
        return (settings.Hidden, settings.Notifications, settings.MutedUntil);
    }

    private static async Task<(long?, long?)> Watermarks(IConversationsDriver driver, Guid conversation, TestUser of)
    {
        var member = (await driver.Find(conversation)).Must().Members.Single(member => member.User == of.Id);
        return (member.Read, member.Delivered);
    }

    private static (int, string?) Refused<T>(Outcome<T> outcome) => (outcome.Status, outcome.Code);

    private static (int, string?, string?) Named<T>(Outcome<T> outcome) => (outcome.Status, outcome.Code, outcome.Field);
}
