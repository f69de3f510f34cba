using Npgsql;

namespace United.Core.Messages;

/// <summary>A <see cref="PostStatement"/>.</summary>
internal sealed class ManyPostsCommand : PostCommand
{
    private readonly LockedStatement _statement;
    private readonly PostForm _form;
    private readonly NpgsqlParameter<Guid[]> _locked = new();
    private readonly NpgsqlParameter<Guid[]> _conversations = new();
    private readonly NpgsqlParameter<Guid[]> _senders = new();
    private readonly NpgsqlParameter<Guid[]> _ids = new();
    private readonly NpgsqlParameter<Guid[]> _sendKeys = new();
    private readonly NpgsqlParameter<string?[]> _clientIds = new();
    private readonly NpgsqlParameter<string[]> _contents = new();
    private readonly NpgsqlParameter<int[]> _flags = new();
    private readonly NpgsqlParameter<long[]> _timestamps = new();
    private readonly NpgsqlParameter<int[]> _nth = new();
    private readonly NpgsqlParameter<int[]> _own = new();
    private readonly NpgsqlParameter<Guid?[]> _replies = new();
    private readonly NpgsqlParameter<string?[]> _mentions = new();
    private readonly NpgsqlParameter<byte[]?[]> _signatures = new();
    private readonly NpgsqlParameter<byte[]?[]> _envelopes = new();

    public ManyPostsCommand(NpgsqlConnection connection, PostForm form)
    {
        NpgsqlParameter[] given = [_conversations, _senders, _ids, _sendKeys, _clientIds, _contents, _flags, _timestamps];
        _form = form;
        _statement = form switch
        {
            PostForm.Plain => new LockedStatement(connection, _locked, PostStatement.Plain, [.. given, _nth]),
            PostForm.Talk => new LockedStatement(connection, _locked, PostStatement.Talk, [.. given, _nth, _own]),
            _ => new LockedStatement(connection, _locked, PostStatement.Full, [.. given, _replies, _mentions, _signatures, _envelopes]),
        };
    }

    public override Task<NpgsqlDataReader> Execute(PostDraft[] drafts)
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
        return _statement.Execute();
    }

    public override ValueTask DisposeAsync() => _statement.DisposeAsync();

    private void BindRest(PostDraft[] drafts)
    {
        _replies.TypedValue = Array.ConvertAll(drafts, draft => draft.ReplyToId);
        _mentions.TypedValue = Array.ConvertAll(drafts, PostStatement.Mentions);
        _signatures.TypedValue = Array.ConvertAll(drafts, draft => draft.Signature);
        _envelopes.TypedValue = Array.ConvertAll(drafts, draft => draft.Envelope);
    }
}
