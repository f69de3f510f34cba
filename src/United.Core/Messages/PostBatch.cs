using Npgsql;
using NpgsqlTypes;
using United.Core.Realtime;

namespace United.Core.Messages;

/// <summary>
/// Many posts in one round trip of PostgreSQL, one implicit transaction: the lock, then (a new statement has a new snapshot, which
/// sees every commit of the previous holder) the judgement, numbers and rows of all. Belongs to one connection.
/// </summary>
internal sealed class PostBatch : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch;
    private readonly NpgsqlParameter<Guid[]> _locked = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _conversations = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _senders = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _ids = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _sendKeys = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<string?[]> _clientIds = Of<string?[]>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<string[]> _contents = Of<string[]>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<Guid?[]> _replies = Of<Guid?[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<string?[]> _mentions = Of<string?[]>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<byte[]?[]> _signatures = Of<byte[]?[]>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<byte[]?[]> _envelopes = Of<byte[]?[]>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<int[]> _flags = Of<int[]>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<long[]> _timestamps = Of<long[]>(NpgsqlDbType.Bigint);

    private PostBatch(NpgsqlConnection connection)
    {
        _batch = new NpgsqlBatch(connection);
        Add(PostStatement.Lock, _locked);
        Add(PostStatement.Post, _conversations, _senders, _ids, _sendKeys, _clientIds, _contents, _replies, _mentions, _signatures, _envelopes, _flags, _timestamps);
    }

    public static async Task<PostBatch> Prepare(NpgsqlConnection connection)
    {
        var batch = new PostBatch(connection);
        await batch._batch.PrepareAsync();
        return batch;
    }

    /// <summary>Locks, judges, writes, commits, and sets the outcome of each.</summary>
    /// <returns>The events, for each conversation in the order of its revisions.</returns>
    public async Task<List<Event>> Write(IReadOnlyList<LaneItem<PostResult>> posts)
    {
        var copies = new PostCopies(posts);
        var events = await WriteFirsts(copies.Firsts);
        copies.Settle();
        return events;
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private async Task<List<Event>> WriteFirsts(List<LaneItem<PostResult>> posts)
    {
        Bind(posts);
        var events = new List<Event>(posts.Count);
        await using var reader = await _batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        for (var i = 0; await reader.ReadAsync(); i++) posts[i].Settle(new PostRow(reader, posts[i].Draft()).Outcome(events));
        return events;
    }

    private void Bind(List<LaneItem<PostResult>> posts)
    {
        PostDraft[] drafts = [.. posts.Select(post => post.Draft())];
        _conversations.TypedValue = Array.ConvertAll(drafts, draft => draft.ConversationId);
        _locked.TypedValue = [.. _conversations.TypedValue.Distinct()];
        _senders.TypedValue = Array.ConvertAll(drafts, draft => draft.SenderId);
        _ids.TypedValue = Array.ConvertAll(drafts, draft => draft.Id);
        _sendKeys.TypedValue = Array.ConvertAll(drafts, draft => draft.SendKey);
        _clientIds.TypedValue = Array.ConvertAll(drafts, draft => draft.ClientId);
        _contents.TypedValue = Array.ConvertAll(drafts, draft => draft.Content);
        _replies.TypedValue = Array.ConvertAll(drafts, draft => draft.ReplyToId);
        _mentions.TypedValue = Array.ConvertAll(drafts, PostStatement.Mentions);
        _signatures.TypedValue = Array.ConvertAll(drafts, draft => draft.Signature);
        _envelopes.TypedValue = Array.ConvertAll(drafts, draft => draft.Envelope);
        _flags.TypedValue = Array.ConvertAll(drafts, PostStatement.Flags);
        _timestamps.TypedValue = Array.ConvertAll(drafts, draft => draft.Timestamp);
    }

    private void Add(string text, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        _batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<T> Of<T>(NpgsqlDbType element) => new() { NpgsqlDbType = NpgsqlDbType.Array | element };
}
