using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Wires;

/// <summary>Somebody is removed from groups in which others write, a thousand times in all, heard over both sockets.</summary>
public sealed class RemovalRaceTests
{
    private const int Groups = 10;
    private const int Rounds = 100;
    private const string OfConversations = "conversation:";

    [Theory, EachDatabase]
    public async Task Nothing_is_heard_of_a_group_once_the_removal_was_acknowledged(Engine engine)
    {
        await using var scene = await WireScene.On(engine, settings: [("Limits:GroupChangesPerMinute", "100000")]);
        var (anna, bert) = (await scene.Join("anna"), await scene.Join("bert"));
        var groups = await Task.WhenAll(Enumerable.Range(0, Groups).Select(_ => scene.Group(anna, bert)));
        var (frames, events) = (await scene.Listen(anna), await scene.ListenBySocketIo(anna));
        await scene.Listen(bert); // so that the server keeps to telling of it while Anna is out

        await Task.WhenAll(groups.Select(group => Race(scene, group, anna, bert)));

        foreach (var group in groups)
        {
            await frames.Pushed(push => push.NewMessageEvent?.Message is { Content: "the end" } end && end.ChannelId == group.ToString());
            await events.Pushed(push => push["content"] == "the end" && push["conversationId"] == group.ToString());
            AssertInside(frames.Pushes.Select(push => (push.ConversationEvent?.Change.ToString(), push.ToString())), group);
            AssertInside(events.Pushes.Select(push => (push.Name.StartsWith(OfConversations, StringComparison.Ordinal) ? push.Name[OfConversations.Length..] : null, push.Payload.ToString())), group);
        }
    }

    private static async Task Race(WireScene scene, Guid group, TestUser anna, TestUser bert)
    {
        var (talks, admin, writer) = (scene.Core.Conversations, await scene.Owner.Caller(scene.Core), await bert.Caller(scene.Core));
        for (var i = 0; i < Rounds; i++)
        {
            var meanwhile = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Post("meanwhile")));
            Assert.True((await talks.RemoveMember(admin, group, anna.Id)).Ok);
            await Post("without anna");
            await meanwhile;
            Assert.True((await talks.AddMember(admin, group, anna.Id, MemberRole.Member)).Ok);
        }
        await Post("the end");

        async Task Post(string content) => Assert.True((await scene.Core.Log.Post(writer, new PostMessage(group, content))).Ok);
    }

    // Between the word that it is closed and the word that it is open again nothing is told of it, and of what was said once the removal was
    // acknowledged nothing at all. A removal that was over before the server came to tell of it need not be told.
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
        Assert.InRange(removals, 1, Rounds);
    }
}
