using United.Core;
using United.Core.Messages;
using United.Core.Presence;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>What passes between two people of whom one has asked to write to the other: before a yes messages and nothing else, after it everything.</summary>
public sealed class RequestWireTests
{
    [Theory, EachWire]
    public async Task Before_a_yes_nothing_of_who_asked_but_messages_reaches_who_was_asked_and_the_asker_sees_no_difference(WireKind wire, Engine engine)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var (direct, request) = await Ask(scene, anna, bert);
        var (proto, socketIo) = (await scene.Listen(bert), await scene.ListenBySocketIo(bert));
        var driver = await scene.Drive(wire, anna);

        var whilePending = await Signs(driver, direct, time);
        await Post(scene, anna, direct, "please?");
        await proto.Pushed(push => push.NewMessageEvent?.Message.Content == "please?");
        await socketIo.Pushed(push => push["content"] == "please?");
        Assert.Empty(SignsSeen(proto, socketIo));

        await Answer(scene, bert, request, accept: false);
        var afterNo = await Signs(driver, direct, time);
        Assert.Equal(whilePending, afterNo);

        await Answer(scene, bert, request, accept: true);
        await proto.Pushed(push => push.RequestEvent is { Change: RequestChange.Accepted });
        await socketIo.Pushed("request:accepted");
        Assert.Empty(SignsSeen(proto, socketIo));

        Assert.Equal(whilePending, await Signs(driver, direct, time));
        await proto.Pushed(push => push.TypingEvent?.Indicator.UserId == anna.Id.ToString());
        await socketIo.Pushed("typing");
    }

    [Theory, EachDatabase]
    public Task After_an_acceptance_both_are_told_how_the_other_is_to_be_found(Engine engine) =>
        BothAreTold(engine, (scene, bert, _, request) => Answer(scene, bert, request, accept: true));

    [Theory, EachDatabase]
    public Task After_the_first_answer_both_are_told_how_the_other_is_to_be_found(Engine engine) =>
        BothAreTold(engine, (scene, bert, direct, _) => Post(scene, bert, direct, "of course"));

    private static async Task BothAreTold(Engine engine, Func<WireScene, TestUser, Guid, Guid, Task> yes)
    {
        var time = new ManualTime();
        await using var scene = await WireScene.On(engine, time);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var (direct, request) = await Ask(scene, anna, bert);
        var annas = await Come(scene, time, anna, PresenceStatus.Dnd);
        var berts = await Come(scene, time, bert, PresenceStatus.Away);
        Assert.Empty(StatusesSeen(annas, of: bert));
        Assert.Empty(StatusesSeen(berts, of: anna)); // that was told before they came

        await yes(scene, bert, direct, request);
        time.Advance(PresenceBoard.Beat);

        await Told(annas, bert, PresenceStatus.Away);
        await Told(berts, anna, PresenceStatus.Dnd);
    }

    private static async Task<(ProtoClient Proto, SocketIoClient SocketIo)> Come(WireScene scene, ManualTime time, TestUser user, PresenceStatus status)
    {
        var clients = (await scene.Listen(user), await scene.ListenBySocketIo(user));
        Assert.True((await scene.Core.Presence.Set(await user.Caller(scene.Core), status)).Ok);
        time.Advance(PresenceBoard.Beat);
        await Told(clients, user, status);
        return clients;
    }

    private static async Task Told((ProtoClient Proto, SocketIoClient SocketIo) clients, TestUser of, PresenceStatus status)
    {
        await clients.Proto.Pushed(push => push.PresenceUpdateEvent?.Update is { } update && update.UserId == of.Id.ToString() && (int)update.Status == (int)status);
        await clients.SocketIo.Pushed(push => push.Name == "status:changed" && push["userId"] == of.Id.ToString() && push["status"] == Words.Of(status));
    }

    private static IEnumerable<string> StatusesSeen((ProtoClient Proto, SocketIoClient SocketIo) clients, TestUser of) =>
    [
        .. clients.Proto.Pushes.Where(push => push.PresenceUpdateEvent?.Update.UserId == of.Id.ToString()).Select(push => push.ToString()),
        .. clients.SocketIo.Pushes.Where(push => push.Name.StartsWith("status:", StringComparison.Ordinal) && push["userId"] == of.Id.ToString()).Select(push => push.ToString()),
    ];

    private static async Task<(Guid Direct, Guid Request)> Ask(WireScene scene, TestUser asks, TestUser asked)
    {
        var caller = await asks.Caller(scene.Core);
        var direct = (await scene.Core.Conversations.CreateDirect(caller, asked.Id)).Value.View.Conversation.Id;
        await Post(scene, asks, direct, "may I?");
        var requests = await scene.Core.Requests.List(await asked.Caller(scene.Core), before: null, limit: 10);
        return (direct, Assert.Single(requests).Request.Id);
    }

    private static async Task Post(WireScene scene, TestUser sender, Guid conversation, string content) =>
        Assert.True((await scene.Core.Log.Post(await sender.Caller(scene.Core), new PostMessage(conversation, content))).Ok);

    private static async Task Answer(WireScene scene, TestUser asked, Guid request, bool accept)
    {
        var (requests, caller) = (scene.Core.Requests, await asked.Caller(scene.Core));
        Assert.True((accept ? await requests.Accept(caller, request) : await requests.Decline(caller, request)).Ok);
    }

    // A sign that somebody writes is passed on once in two seconds.
    private static async Task<(Outcome<bool>, Outcome<long>)> Signs(IWireDriver driver, Guid conversation, ManualTime time)
    {
        time.Advance(TimeSpan.FromSeconds(3));
        return (await driver.Type(conversation), await driver.MarkDelivered(conversation, 1));
    }

    private static IEnumerable<string> SignsSeen(ProtoClient proto, SocketIoClient socketIo) =>
    [
        .. proto.Pushes.Where(push => push.TypingEvent is not null || push.DeliveredEvent is not null).Select(push => push.ToString()),
        .. socketIo.Pushes.Where(push => push.Name is "typing" or "message:delivered").Select(push => push.ToString()),
    ];
}
