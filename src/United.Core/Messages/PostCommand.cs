using Npgsql;
using NpgsqlTypes;

namespace United.Core.Messages;

/// <summary>Forms of the post statement, from the cheapest.</summary>
internal enum PostForm
{
    One,
    Plain,
    Talk,
    Full,
}

/// <summary>The lock and one form of the post statement, prepared on one connection and used again and again.</summary>
internal sealed class PostCommand : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch;
    private readonly PostForm _form;
    private readonly NpgsqlParameter<Guid[]> _locked = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _conversations = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _senders = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _ids = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _sendKeys = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<string?[]> _clientIds = Of<string?[]>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<string[]> _contents = Of<string[]>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<int[]> _flags = Of<int[]>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<long[]> _timestamps = Of<long[]>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<int[]> _nth = Of<int[]>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<int[]> _own = Of<int[]>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<Guid?[]> _replies = Of<Guid?[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<string?[]> _mentions = Of<string?[]>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<byte[]?[]> _signatures = Of<byte[]?[]>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<byte[]?[]> _envelopes = Of<byte[]?[]>(NpgsqlDbType.Bytea);

    private PostCommand(NpgsqlConnection connection, PostForm form)
    {
        (_form, _batch) = (form, new NpgsqlBatch(connection));
        Add(PostStatement.Lock, _locked);
        NpgsqlParameter[] given = [_conversations, _senders, _ids, _sendKeys, _clientIds, _contents, _flags, _timestamps];
        if (form == PostForm.One) Add(PostStatement.One, given);
        else if (form == PostForm.Plain) Add(PostStatement.Plain, [.. given, _nth]);
        else if (form == PostForm.Talk) Add(PostStatement.Talk, [.. given, _nth, _own]);
        else Add(PostStatement.Full, [.. given, _replies, _mentions, _signatures, _envelopes]);
    }

    public static async Task<PostCommand> Prepare(NpgsqlConnection connection, PostForm form)
    {
        var command = new PostCommand(connection, form);
        await command._batch.PrepareAsync();
        return command;
    }

    /// <returns>A row for each, in their order. Committed when the reader has found no further result.</returns>
    public async Task<NpgsqlDataReader> Execute(PostDraft[] drafts)
    {
        var places = new PostPlaces(Array.ConvertAll(drafts, draft => (draft.ConversationId, draft.SenderId)));
        _conversations.TypedValue = Array.ConvertAll(drafts, draft => draft.ConversationId);
        _locked.TypedValue = [.. _conversations.TypedValue.Distinct()];
        _senders.TypedValue = Array.ConvertAll(drafts, draft => draft.SenderId);
        _ids.TypedValue = Array.ConvertAll(drafts, draft => draft.Id);
        _sendKeys.TypedValue = Array.ConvertAll(drafts, draft => draft.SendKey);
        _clientIds.TypedValue = Array.ConvertAll(drafts, draft => draft.ClientId);
        _contents.TypedValue = Array.ConvertAll(drafts, draft => draft.Content);
        _timestamps.TypedValue = Array.ConvertAll(drafts, draft => draft.Timestamp);
        (_nth.TypedValue, _own.TypedValue) = (places.Nth, places.Own);
        _flags.TypedValue = [.. drafts.Zip(places.Flags, (draft, place) => draft.Flags | place)];
        if (_form == PostForm.Full) BindRest(drafts);
        var reader = await _batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        return reader;
    }

    private void BindRest(PostDraft[] drafts)
    {
        _replies.TypedValue = Array.ConvertAll(drafts, draft => draft.ReplyToId);
        _mentions.TypedValue = Array.ConvertAll(drafts, PostStatement.Mentions);
        _signatures.TypedValue = Array.ConvertAll(drafts, draft => draft.Signature);
        _envelopes.TypedValue = Array.ConvertAll(drafts, draft => draft.Envelope);
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private static NpgsqlParameter<T> Of<T>(NpgsqlDbType element) => new() { NpgsqlDbType = NpgsqlDbType.Array | element };

    private void Add(string text, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        _batch.BatchCommands.Add(command);
    }
}
