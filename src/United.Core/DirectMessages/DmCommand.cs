using Npgsql;
using United.Core.Messages;

namespace United.Core.DirectMessages;

/// <summary>The statement of <see cref="DmBatch"/>, with its parameters.</summary>
internal sealed class DmCommand : IAsyncDisposable
{
    private readonly LockedStatement _statement;
    private readonly NpgsqlParameter<Guid[]> _locked = new();
    private readonly NpgsqlParameter<Guid[]> _conversations = new();
    private readonly NpgsqlParameter<Guid[]> _senders = new();
    private readonly NpgsqlParameter<Guid[]> _recipients = new();
    private readonly NpgsqlParameter<byte[][]> _senderKeys = new();
    private readonly NpgsqlParameter<byte[][]> _recipientKeys = new();
    private readonly NpgsqlParameter<Guid[]> _ids = new();
    private readonly NpgsqlParameter<Guid[]> _sendKeys = new();
    private readonly NpgsqlParameter<string?[]> _clientIds = new();
    private readonly NpgsqlParameter<Guid?[]> _clientKeys = new();
    private readonly NpgsqlParameter<byte[][]> _payloads = new();
    private readonly NpgsqlParameter<byte[][]> _nonces = new();
    private readonly NpgsqlParameter<byte[][]> _ephemeralKeys = new();
    private readonly NpgsqlParameter<long[]> _sentAt = new();
    private readonly NpgsqlParameter<long[]> _now = new();
    private readonly NpgsqlParameter<int[]> _flags = new();
    private readonly NpgsqlParameter<int[]> _nth = new();
    private readonly NpgsqlParameter<int[]> _own = new();

    public DmCommand(NpgsqlConnection connection) => _statement = new LockedStatement(connection, _locked, DmStatement.Write,
        _conversations, _senders, _recipients, _senderKeys, _recipientKeys, _ids, _sendKeys, _clientIds, _clientKeys,
        _payloads, _nonces, _ephemeralKeys, _sentAt, _now, _flags, _nth, _own);

    /// <returns>A row for each, in their order. Committed when the reader has found no further result.</returns>
    public Task<NpgsqlDataReader> Execute((PostDm Post, DmPair Pair)[] posts)
    {
        BindPlaces(Array.ConvertAll(posts, item => (item.Post.ConversationId, item.Post.SenderId)));
        _recipients.TypedValue = Array.ConvertAll(posts, item => item.Pair.Other(item.Post.SenderId));
        _senderKeys.TypedValue = Array.ConvertAll(posts, item => item.Pair.KeyOf(item.Post.SenderId));
        _recipientKeys.TypedValue = Array.ConvertAll(posts, item => item.Pair.KeyOf(item.Pair.Other(item.Post.SenderId)));
        _ids.TypedValue = Array.ConvertAll(posts, item => item.Post.Id);
        _sendKeys.TypedValue = Array.ConvertAll(posts, item => item.Post.SendKey);
        _clientKeys.TypedValue = Array.ConvertAll(posts, item => item.Post.ClientKey);
        _now.TypedValue = Rising(Array.ConvertAll(posts, item => (item.Post.ConversationId, item.Post.Now)));
        BindRequests(Array.ConvertAll(posts, item => item.Post.Request));
        return _statement.Execute();
    }

    public ValueTask DisposeAsync() => _statement.DisposeAsync();

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
}
