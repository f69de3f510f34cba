using Npgsql;
using NpgsqlTypes;

namespace United.Core.Messages;

/// <summary>A <see cref="LonePostStatement"/>.</summary>
internal sealed class LonePostCommand : PostCommand
{
    private readonly LockedStatement _statement;
    private readonly NpgsqlParameter<Guid> _locked = new();
    private readonly NpgsqlParameter<Guid> _conversation = new();
    private readonly NpgsqlParameter<Guid> _sender = new();
    private readonly NpgsqlParameter<Guid> _id = new();
    private readonly NpgsqlParameter<Guid> _sendKey = new();
    private readonly NpgsqlParameter<string?> _clientId = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter<string> _content = new();
    private readonly NpgsqlParameter<int> _flags = new();
    private readonly NpgsqlParameter<long> _timestamp = new();

    public LonePostCommand(NpgsqlConnection connection, string text) =>
        _statement = new LockedStatement(connection, _locked, text, _conversation, _sender, _id, _sendKey, _clientId, _content, _flags, _timestamp);

    public override Task<NpgsqlDataReader> Execute(PostDraft[] drafts)
    {
        var draft = drafts[0];
        _locked.TypedValue = draft.ConversationId;
        _conversation.TypedValue = draft.ConversationId;
        _sender.TypedValue = draft.SenderId;
        _id.TypedValue = draft.Id;
        _sendKey.TypedValue = draft.SendKey;
        _clientId.TypedValue = draft.ClientId;
        _content.TypedValue = draft.Content;
        _flags.TypedValue = draft.Flags;
        _timestamp.TypedValue = draft.Timestamp;
        return _statement.Execute();
    }

    public override ValueTask DisposeAsync() => _statement.DisposeAsync();
}
