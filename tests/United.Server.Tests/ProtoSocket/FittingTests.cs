using Google.Protobuf;
using United.Core.Storage;
using United.Testing;
using United.Testing.Sockets;
using United.Testing.Wires;
using United.Wire.Chat;
using United.Wire.Ws;
using Xunit;

namespace United.Server.Tests.ProtoSocket;

/// <summary>No answer passes 256 KiB: it is cut, says so, and whoever asks on gets everything.</summary>
public sealed class FittingTests
{
    private const int MostBytes = 256 * 1024;

    // 16,000 bytes each in UTF-8: some sixteen of them fill an answer.
    private static readonly string Large = string.Concat(Enumerable.Repeat("\U0001F44D", 4_000));

    [Theory, EachDatabase]
    public async Task Pages_of_history_are_cut_on_the_side_that_lies_farthest_from_where_they_begin(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await Fill(scene, 50);
        var client = await scene.Listen(scene.Owner);

        var newest = await Page(client, new FetchHistoryRequest { ChannelId = channel });
        var after = await Page(client, new FetchHistoryRequest { ChannelId = channel, AfterSequence = 10 });
        var around = await Page(client, new FetchHistoryRequest { ChannelId = channel, AroundSequence = 25 });

        Assert.Equal((50, true), (newest.First, newest.Answer.HasMore));
        Assert.Equal((11, true), (after.Last, after.Answer.HasMore));
        Assert.Equal((true, true), (around.Answer.HasBefore, around.Answer.HasAfter));
        Assert.InRange(25, around.Last + 3, around.First - 3);
    }

    [Theory, EachDatabase]
    public async Task Walking_on_by_pages_that_were_cut_leaves_nothing_out(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await Fill(scene, 50);
        var client = await scene.Listen(scene.Owner);
        var seen = new List<ulong>();
        for (var more = true; more;)
        {
            var request = new FetchHistoryRequest { ChannelId = channel };
            if (seen.Count > 0) request.BeforeSequence = seen[^1];
            var (answer, _, _) = await Page(client, request);
            seen.AddRange(answer.Messages.Select(message => message.ServerSequence));
            more = answer.HasMore;
        }
        Assert.Equal(Enumerable.Range(1, 50).Reverse().Select(number => (ulong)number), seen);
    }

    [Theory, EachDatabase]
    public async Task Sync_that_was_cut_goes_on_where_it_stopped(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        var channel = await Fill(scene, 50);
        var others = new List<string>();
        for (var i = 0; i < 20; i++) others.Add(await Fill(scene, 1));
        var client = await scene.Listen(scene.Owner);
        var known = new SyncRequest { Conversations = { [channel] = 1 } };
        var (messages, added, answers) = (new HashSet<string>(), new List<string>(), 0);
        for (var more = true; more; answers++)
        {
            var answer = (await client.Ask(new Envelope { SyncRequest = known })).SyncResponse;
            Assert.InRange(answer.CalculateSize(), 1, MostBytes);
            foreach (var change in answer.Changed)
            {
                Assert.False(change.Truncated);
                Assert.True(change.Revision > known.Conversations[change.ConversationId], "An answer has to bring something new.");
                messages.UnionWith(change.Messages.Select(message => message.Content[..2] + message.ServerSequence));
                known.Conversations[change.ConversationId] = change.Revision;
            }
            foreach (var conversation in answer.Added) known.Conversations[conversation.Id] = conversation.Revision;
            added.AddRange(answer.Added.Select(conversation => conversation.Id));
            more = answer.More;
        }
        Assert.Equal(50, messages.Count);
        Assert.Superset(others.ToHashSet(), added.ToHashSet());
        Assert.Distinct(added);
        Assert.InRange(answers, 5, 10);
    }

    private static async Task<string> Fill(WireScene scene, int messages)
    {
        var channel = await scene.OpenChannel();
        var driver = await scene.Drive(WireKind.Rest, scene.Owner);
        for (var i = 0; i < messages; i++) (await driver.Post(channel, Large)).Must();
        return channel.ToString();
    }

    private static async Task<(FetchHistoryResponse Answer, int First, int Last)> Page(ProtoClient client, FetchHistoryRequest request)
    {
        request.Limit = 50;
        var answer = (await client.Ask(new Envelope { FetchHistoryRequest = request })).FetchHistoryResponse;
        Assert.InRange(answer.CalculateSize(), 1, MostBytes);
        return (answer, (int)answer.Messages[0].ServerSequence, (int)answer.Messages[^1].ServerSequence);
    }
}
