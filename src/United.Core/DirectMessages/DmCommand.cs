using Npgsql;
using NpgsqlTypes;
using United.Core.Messages;

namespace United.Core.DirectMessages;

/// <summary>The lock and the statement of <see cref="DmBatch"/>, prepared on one connection and used again and again.</summary>
internal sealed class DmCommand : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch;
    private readonly NpgsqlParameter<Guid[]> _locked = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _conversations = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _senders = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _recipients = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<byte[][]> _senderKeys = Of<byte[][]>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<byte[][]> _recipientKeys = Of<byte[][]>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<Guid[]> _ids = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<Guid[]> _sendKeys = Of<Guid[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<string?[]> _clientIds = Of<string?[]>(NpgsqlDbType.Text);
    private readonly NpgsqlParameter<Guid?[]> _clientKeys = Of<Guid?[]>(NpgsqlDbType.Uuid);
    private readonly NpgsqlParameter<byte[][]> _payloads = Of<byte[][]>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<byte[][]> _nonces = Of<byte[][]>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<byte[][]> _ephemeralKeys = Of<byte[][]>(NpgsqlDbType.Bytea);
    private readonly NpgsqlParameter<long[]> _sentAt = Of<long[]>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<long[]> _now = Of<long[]>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<long[]> _visibleAt = Of<long[]>(NpgsqlDbType.Bigint);
    private readonly NpgsqlParameter<int[]> _flags = Of<int[]>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<int[]> _nth = Of<int[]>(NpgsqlDbType.Integer);
    private readonly NpgsqlParameter<int[]> _own = Of<int[]>(NpgsqlDbType.Integer);

    private DmCommand(NpgsqlConnection connection)
    {
        _batch = new NpgsqlBatch(connection);
        Add(PostStatement.Lock, _locked);
        Add(DmStatement.Write, _conversations, _senders, _recipients, _senderKeys, _recipientKeys, _ids, _sendKeys, _clientIds, _clientKeys,
            _payloads, _nonces, _ephemeralKeys, _sentAt, _now, _visibleAt, _flags, _nth, _own);
    }

    public static async Task<DmCommand> Prepare(NpgsqlConnection connection)
    {
        var command = new DmCommand(connection);
        await command._batch.PrepareAsync();
        return command;
    }

    /// <returns>A row for each, in their order. Committed when the reader has found no further result.</returns>
    public async Task<NpgsqlDataReader> Execute((PostDm Post, DmPair Pair)[] posts)
    {
        BindPlaces(Array.ConvertAll(posts, item => (item.Post.ConversationId, item.Post.SenderId)));
        _recipients.TypedValue = Array.ConvertAll(posts, item => item.Pair.Other(item.Post.SenderId));
        _senderKeys.TypedValue = Array.ConvertAll(posts, item => item.Pair.KeyOf(item.Post.SenderId));
        _recipientKeys.TypedValue = Array.ConvertAll(posts, item => item.Pair.KeyOf(item.Pair.Other(item.Post.SenderId)));
        _visibleAt.TypedValue = Array.ConvertAll(posts, item => item.Post.VisibleAt(item.Pair.Other(item.Post.SenderId)));
        _ids.TypedValue = Array.ConvertAll(posts, item => item.Post.Id);
        _sendKeys.TypedValue = Array.ConvertAll(posts, item => item.Post.SendKey);
        _clientKeys.TypedValue = Array.ConvertAll(posts, item => item.Post.ClientKey);
        _now.TypedValue = Rising(Array.ConvertAll(posts, item => (item.Post.ConversationId, item.Post.Now)));
        BindRequests(Array.ConvertAll(posts, item => item.Post.Request));
        var reader = await _batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        return reader;
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private void BindPlaces((Guid ConversationId, Guid SenderId)[] posts)
    {
        var places = new PostPlaces(posts);
        _conversations.TypedValue = Array.ConvertAll(posts, post => post.ConversationId);
        _locked.TypedValue = [.. _conversations.TypedValue.Distinct()];
        _senders.TypedValue = Array.ConvertAll(posts, post => post.SenderId);
        (_flags.TypedValue, _nth.TypedValue, _own.TypedValue) = (places.Flags, places.Nth, places.Own);
    }

    private void BindRequests(SendDm[] requests)
    {
        _clientIds.TypedValue = Array.ConvertAll(requests, request => request.ClientId);
        _payloads.TypedValue = Array.ConvertAll(requests, request => request.Payload);
        _nonces.TypedValue = Array.ConvertAll(requests, request => request.Nonce);
        _ephemeralKeys.TypedValue = Array.ConvertAll(requests, request => request.EphemeralKey);
        _sentAt.TypedValue = Array.ConvertAll(requests, request => request.SentAt);
    }

    // Within a conversation no message is before the one ahead of it, whatever the clock does.
    private static long[] Rising((Guid ConversationId, long At)[] posts)
    {
        var last = new Dictionary<Guid, long>(posts.Length);
        return Array.ConvertAll(posts, post => last[post.ConversationId] = Math.Max(post.At, last.GetValueOrDefault(post.ConversationId)));
    }

    private static NpgsqlParameter<T> Of<T>(NpgsqlDbType element) => new() { NpgsqlDbType = NpgsqlDbType.Array | element };

    private void Add(string text, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        _batch.BatchCommands.Add(command);
    }
}
