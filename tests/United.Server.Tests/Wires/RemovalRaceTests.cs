using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Somebody is removed from a group in which others write, a thousand times, heard over both sockets.</summary>
public sealed class RemovalRaceTests
{
    private const int Rounds = 1_000;
    private const string OfConversations = "conversation:";

    [Theory, EachDatabase]
    public async Task Nothing_is_heard_of_a_group_once_the_removal_was_acknowledged(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var group = await scene.Group(anna, bert);
        var (frames, events) = (await scene.Listen(anna), await scene.ListenBySocketIo(anna));
        var (admin, writer) = (await scene.Owner.Caller(scene.Core), await bert.Caller(scene.Core));

        for (var i = 0; i < Rounds; i++)
        {
            var meanwhile = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.Core.Log.Post(writer, new PostMessage(group, "meanwhile"))));
            Assert.True((await scene.Core.Conversations.RemoveMember(admin, group, anna.Id)).Ok);
            Assert.True((await scene.Core.Log.Post(writer, new PostMessage(group, $"without anna {i}"))).Ok);
            Assert.All(await meanwhile, posted => Assert.True(posted.Ok));
            Assert.True((await scene.Core.Conversations.AddMember(admin, group, anna.Id, MemberRole.Member)).Ok);
        }
        Assert.True((await scene.Core.Log.Post(writer, new PostMessage(group, "the end"))).Ok);

        await frames.Pushed(push => push.NewMessageEvent?.Message.Content == "the end");
        await events.Pushed(push => push["content"] == "the end");
        AssertInside(frames.Pushes.Select(push => (push.ConversationEvent?.Change.ToString(), push.ToString())), group);
        AssertInside(events.Pushes.Select(push => (push.Name.StartsWith(OfConversations, StringComparison.Ordinal) ? push.Name[OfConversations.Length..] : null, push.Payload.ToString())), group);
    }

    // Between the word that it is closed and the word that it is open again nothing is told of it, and of what was said meanwhile nothing at all.
    private static void AssertInside(IEnumerable<(string? Change, string Text)> pushes, Guid group)
    {
        var (inside, removals) = (true, 0);
        foreach (var (change, text) in pushes.Where(push => push.Text.Contains(group.ToString(), StringComparison.Ordinal)))
        {
            if (string.Equals(change, "new", StringComparison.OrdinalIgnoreCase)) inside = true;
            Assert.True(inside, text);
            Assert.DoesNotContain("without anna", text, StringComparison.Ordinal);
            if (!string.Equals(change, "removed", StringComparison.OrdinalIgnoreCase)) continue;
            inside = false;
            removals++;
        }
        Assert.Equal(Rounds, removals);
    }
}
