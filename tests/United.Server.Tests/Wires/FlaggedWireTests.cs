using United.Core;
using United.Core.Conversations;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Of a message that waits for the moderators hears who may see it in their queue (docs/decisions/0014), and nobody else.</summary>
public sealed class FlaggedWireTests
{
    [Theory, EachDatabase]
    public async Task Of_a_flagged_word_hear_the_moderators_who_may_read_it_and_of_a_report_all_of_them(Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("MessageLog:WordList", await WireScene.WordList("forbiddenword"))]);
        var (anna, berta) = (await scene.Join("anna"), await Moderator(scene, "berta"));
        var group = (await scene.Core.Conversations.CreateGroup(await anna.Caller(scene.Core), new CreateGroup("Walks", [berta.Id]))).Value.View.Conversation.Id;
        var direct = await scene.Direct(anna, berta);
        var (within, outside) = (await Ears.Of(scene, berta), await Ears.Of(scene, scene.Owner));
        var writer = await scene.Drive(WireKind.Proto, anna);

        var first = (await writer.Post(group, "a forbiddenword")).Must().Id;
        var second = (await writer.Post(direct, "a forbiddenword, too")).Must().Id;
        var third = (await writer.Post(direct, "a word")).Must().Id;
        (await writer.Edit(direct, third, "a forbiddenword after all")).Must();
        foreach (var flagged in (Guid[])[first, second, third]) await within.Heard(flagged);
        await outside.HeardOnly();

        Assert.True((await scene.Core.Reports.Report(await berta.Caller(scene.Core), new ReportMessage(second, "rude"))).Ok);
        await outside.Heard(second);
        await outside.HeardOnly(second);
        await within.HeardOnly(first, second, second, third);
    }

    private static async Task<TestUser> Moderator(WireScene scene, string name)
    {
        var (user, owner) = (await scene.Join(name), await scene.Owner.Caller(scene.Core));
        var role = (await scene.Core.Identity.Roles.Create(owner, new CreateRole("Moderators", Permissions: Permissions.ManageMessages))).Value;
        Assert.True((await scene.Core.Identity.Roles.Give(owner, role.Id, user.Id)).Ok);
        return user;
    }

    /// <summary>Somebody on both sockets.</summary>
    private sealed record Ears(ProtoClient Proto, SocketIoClient SocketIo)
    {
        public static async Task<Ears> Of(WireScene scene, TestUser user) => new(await scene.Listen(user), await scene.ListenBySocketIo(user));

        public async Task Heard(Guid message)
        {
            await Proto.Pushed(push => push.FlaggedEvent?.MessageId == message.ToString());
            await SocketIo.Pushed(push => push.Name == "message:flagged" && push["messageId"] == message.ToString());
        }

        /// <summary>All that was said to them before has arrived when an answer has.</summary>
        public async Task HeardOnly(params Guid[] messages)
        {
            await Proto.Ask(new Envelope { Ping = new Ping() });
            await SocketIo.Ask("sync", new { conversations = new Dictionary<string, long>(), partial = true });
            var expected = messages.Select(id => id.ToString()).Order();
            Assert.Equal(expected, Proto.Pushes.Where(push => push.FlaggedEvent is not null).Select(push => push.FlaggedEvent.MessageId).Order());
            Assert.Equal(expected, SocketIo.Pushes.Where(push => push.Name == "message:flagged").Select(push => push["messageId"]!).Order());
        }
    }
}
