using Npgsql;
using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// Many posts in one round trip of PostgreSQL, one implicit transaction: the lock, then (a new statement has a new snapshot, which
/// sees every commit of the previous holder) the judgement, numbers and rows of all. Belongs to one connection.
/// </summary>
internal sealed class PostBatch(NpgsqlConnection connection) : IAsyncDisposable
{
    private const int MostChannels = 50_000;

    // A conversation's kind never changes, so what was seen to be a channel may be remembered.
    private readonly HashSet<Guid> _channels = [];
    private PostCommand? _plain;
    private PostCommand? _full;

    /// <summary>Locks, judges, writes, commits, and sets the outcome of each.</summary>
    /// <returns>The events, for each conversation in the order of its revisions.</returns>
    public async Task<List<Event>> Write(IReadOnlyList<LaneItem<PostResult>> posts)
    {
        var copies = new PostCopies(posts);
        var events = await WriteFirsts(copies.Firsts);
        copies.Settle();
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        if (_plain is not null) await _plain.DisposeAsync();
        if (_full is not null) await _full.DisposeAsync();
    }

    private async Task<List<Event>> WriteFirsts(List<LaneItem<PostResult>> posts)
    {
        PostDraft[] drafts = [.. posts.Select(post => post.Draft())];
        var command = Array.TrueForAll(drafts, IsPlain)
            ? _plain ??= await PostCommand.Prepare(connection, full: false)
            : _full ??= await PostCommand.Prepare(connection, full: true);
        var events = new List<Event>(drafts.Length);
        await using var reader = await command.Execute(drafts);
        for (var i = 0; i < drafts.Length; i++)
        {
            if (!await reader.ReadAsync()) throw new InvalidOperationException("The answer has fewer rows than there are posts.");
            var row = new PostRow(reader, drafts[i]);
            posts[i].Settle(row.Outcome(events));
            if (row.IsOfChannel) Remember(drafts[i].ConversationId);
        }
        // The commit is answered behind the rows, and may still fail.
        await reader.NextResultAsync();
        return events;
    }

    private bool IsPlain(PostDraft draft) =>
        draft is { ReplyToId: null, Mentions.Count: 0, Signature: null } && _channels.Contains(draft.ConversationId);

    private void Remember(Guid channel)
    {
        if (_channels.Count >= MostChannels) _channels.Clear();
        _channels.Add(channel);
    }
}
