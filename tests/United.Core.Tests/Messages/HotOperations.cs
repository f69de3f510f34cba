using United.Core.Messages;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Messages;

/// <summary>What people do all day, on one node.</summary>
/// <param name="needle">A text to search for.</param>
internal sealed class HotOperations(Database database, Caller caller, Guid channel, string needle)
{
    // PostgreSQL plans the first five runs of a statement anew, and may then keep to one plan.
    private const int Rounds = 12;

    public async Task Run(CancellationToken ct)
    {
        await using var log = LogScene.LogOver(database);
        for (var round = 0; round < Rounds; round++)
        {
            var known = (await new ConversationList(database).One(caller, channel, ct)).Value.Conversation;
            await Write(log, ct);
            await Read(known, ct);
            await CatchUp(known, ct);
            await Follow(known, ct);
        }
    }

    private async Task Write(MessageLog log, CancellationToken ct)
    {
        var first = (await log.Post(caller, new PostMessage(channel, "first"), ct)).Value;
        var answer = (await log.Post(caller, new PostMessage(channel, $"answer @user:{caller.UserId} and @everyone", first.MessageId), ct)).Value;
        Assert.True((await log.Edit(caller, new EditMessage(channel, answer.MessageId, $"answered @user:{caller.UserId}"), ct)).Ok);
        Assert.True((await log.React(caller, new AddReaction(answer.MessageId, "+"), ct)).Ok);
        Assert.True((await log.React(caller, new AddReaction(answer.MessageId, "-"), ct)).Ok);
        Assert.True((await log.Unreact(caller, new RemoveReaction(answer.MessageId, "-"), ct)).Ok);
        Assert.True((await log.MarkRead(caller, new MoveWatermark(channel, answer.Sequence), ct)).Ok);
        Assert.True((await log.MarkDelivered(caller, new MoveWatermark(channel, answer.Sequence), ct)).Ok);
        Assert.True((await log.Append(new SetMember(channel, caller, MemberState.Member), ct)).Ok);
        Assert.True((await new MessageReports(database, new RecordedBus(), TimeProvider.System).Report(caller, new ReportMessage(answer.MessageId, "rude"), ct)).Ok);
        Assert.True((await log.Delete(caller, new DeleteMessage(channel, first.MessageId), ct)).Ok);
    }

    private async Task Read(Conversation known, CancellationToken ct)
    {
        var middle = known.LastSequence / 2;
        foreach (var page in (ReadHistory[])[new(channel), new(channel, Before: middle), new(channel, After: middle), new(channel, Around: middle)])
            Assert.True((await new History(database).Page(caller, page, ct)).Ok);
        await database.Read(sql => UnreadCounts.Of(sql, caller.UserId, channel), ct);
        await new ConversationList(database).All(caller, ct);
        foreach (var search in (SearchMessages[])[new(needle), new(needle[..2]), new(needle, channel), new(needle, SenderId: caller.UserId), new("nowhere to be found")])
            Assert.True((await new Search(database, TimeProvider.System).Find(caller, search, ct)).Ok);
    }

    private async Task CatchUp(Conversation known, CancellationToken ct)
    {
        var revisions = new Dictionary<Guid, long> { [channel] = known.Revision };
        var answer = (await new Sync(database, TimeProvider.System).Read(caller, new SyncRequest(revisions, ReceiptsSince: known.LastMessageAt ?? 0), ct)).Value;
        var changed = Assert.Single(answer.Changed, changed => changed.Id == channel);
        Assert.NotEmpty(changed.Messages);
        Assert.NotEmpty(changed.Members);
    }

    private async Task Follow(Conversation known, CancellationToken ct)
    {
        var reads = new FeedReads(database, new ChangesSince(database));
        Assert.NotEmpty(await reads.Changes(new Dictionary<Guid, long> { [channel] = known.Revision }, ct));
        Assert.NotEmpty(await reads.Heads([channel], ct));
        await reads.OpenHeads(ct);
        await reads.Memberships([caller.UserId], ct);
        await reads.JoinedSince(1, ct);
        Assert.NotNull(await reads.ReadersOf(channel, ct));
    }
}
