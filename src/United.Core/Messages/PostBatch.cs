using Npgsql;
using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// Many posts in one round trip of PostgreSQL, one implicit transaction: the lock, then (a new statement has a new snapshot, which
/// sees every commit of the previous holder) the judgement, numbers and rows of all. Belongs to one connection.
/// </summary>
internal sealed class PostBatch(NpgsqlConnection connection) : LaneBatch
{
    private const int MostKinds = 50_000;

    // A conversation's kind never changes, so what was seen may be remembered.
    private readonly Dictionary<Guid, ConversationKind> _kinds = [];
    private readonly Dictionary<PostForm, PostCommand> _commands = [];

    // A failure of what is left apart lets all of them run again, and those that stand already are found by their send_key.
    public override async Task<List<Event>> Write(IReadOnlyList<LaneItem> items, OneByOne oneByOne)
    {
        var (copies, apart) = (new PostCopies(items), new List<LaneItem>());
        var events = await Write(copies.Firsts, apart);
        if (apart.Count > 0) events.AddRange(await oneByOne(apart));
        copies.Settle();
        return events;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values) await command.DisposeAsync();
    }

    private async Task<List<Event>> Write(List<LaneItem<PostResult>> posts, List<LaneItem> apart)
    {
        PostDraft[] drafts = [.. posts.Select(post => post.Draft())];
        // The cheap forms write all or nothing. That some of a batch may not be written, or stand already, is rare.
        return await Write(posts, drafts, FormOf(drafts), apart) ?? (await Write(posts, drafts, PostForm.Full, apart))!;
    }

    /// <param name="apart">Gets those that have to be applied one by one.</param>
    /// <returns>Null if nothing was written, because not all could be.</returns>
    private async Task<List<Event>?> Write(List<LaneItem<PostResult>> posts, PostDraft[] drafts, PostForm form, List<LaneItem> apart)
    {
        var command = Command(form);
        var events = new List<Event>(drafts.Length);
        await using var reader = await command.Execute(drafts);
        for (var i = 0; i < drafts.Length; i++)
        {
            if (!await reader.ReadAsync()) throw new InvalidOperationException("The answer has fewer rows than there are posts.");
            var row = new PostRow(reader, drafts[i]);
            if (form != PostForm.Full && !row.IsFresh) return null;
            if (row.IsApart) apart.Add(posts[i]);
            else posts[i].Settle(row.Outcome(events));
            if (row.Kind is { } kind) Remember(drafts[i].ConversationId, kind);
        }
        // The commit is answered behind the rows, and may still fail.
        await reader.NextResultAsync();
        return events;
    }

    private PostCommand Command(PostForm form) =>
        _commands.TryGetValue(form, out var known) ? known : _commands[form] = PostCommand.Of(connection, form);

    private PostForm FormOf(PostDraft[] drafts)
    {
        if (!Array.TrueForAll(drafts, draft => draft is { ReplyToId: null, Mentions.Count: 0, Signature: null })) return PostForm.Full;
        if (drafts.Length > 1) return Array.TrueForAll(drafts, draft => KindOf(draft) == ConversationKind.Channel) ? PostForm.Plain : PostForm.Talk;
        return KindOf(drafts[0]) switch
        {
            ConversationKind.Channel => PostForm.LoneInChannel,
            ConversationKind.Group => PostForm.LoneInGroup,
            ConversationKind.Direct => PostForm.LoneInDirect,
            _ => PostForm.Talk,
        };
    }

    private ConversationKind? KindOf(PostDraft draft) => _kinds.TryGetValue(draft.ConversationId, out var kind) ? kind : null;

    private void Remember(Guid conversationId, ConversationKind kind)
    {
        if (_kinds.Count >= MostKinds) _kinds.Clear();
        _kinds[conversationId] = kind;
    }
}
