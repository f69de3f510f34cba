using Google.Protobuf;
using United.Core.Messages;
using Chat = United.Wire.Chat;

namespace United.Server.ProtoSocket;

/// <summary>The domain's records as this wire shows them. Ids are lower case with hyphens, absent ones "", times Unix milliseconds.</summary>
internal static class Shapes
{
    public static string Id(Guid id) => id.ToString("D");

    public static Chat.ChatMessage Of(Message message)
    {
        var shape = new Chat.ChatMessage
        {
            Id = Id(message.Id), ChannelId = Id(message.ConversationId),
            SenderId = Id(message.SenderId), SenderPubkey = message.SenderPublicKey, SenderDisplayName = message.SenderDisplayName,
            Type = (Chat.MessageType)message.Type, Content = message.Content, Timestamp = (ulong)message.Timestamp,
            ServerSequence = (ulong)message.Sequence, Revision = (ulong)message.Revision,
            Signature = message.Signature is { } signature ? ByteString.CopyFrom(signature) : ByteString.Empty,
            ReplyToId = IdOrEmpty(message.ReplyToId), ReplyTo = message.ReplyTo is { } reply ? Of(reply) : null,
            SharedPostId = IdOrEmpty(message.SharedPostId), ClientId = message.ClientId ?? "",
            Edited = message.EditedAt is not null, EditTimestamp = (ulong)(message.EditedAt ?? 0),
            Deleted = message.Deleted, Late = message.Late, MentionEveryone = message.MentionsEveryone,
        };
        Add(shape.MentionUserIds, message.MentionUserIds);
        Add(shape.MentionRoleIds, message.MentionRoleIds);
        foreach (var reaction in message.Reactions) shape.Reactions.Add(Of(reaction));
        return shape;
    }

    public static Chat.Reaction Of(Reaction reaction) => new()
    {
        MessageId = Id(reaction.MessageId), ChannelId = Id(reaction.ConversationId), UserId = Id(reaction.UserId),
        UserPubkey = reaction.UserPublicKey, Emoji = reaction.Emoji, Timestamp = (ulong)reaction.Timestamp,
        Revision = (ulong)reaction.Revision,
    };

    public static Chat.Conversation Of(Conversation conversation) => new()
    {
        Id = Id(conversation.Id), Kind = (Chat.ConversationKind)conversation.Kind, Name = conversation.Name,
        Topic = conversation.Topic, Category = conversation.Category, Position = conversation.Position,
        Private = conversation.Kind == ConversationKind.Channel && !conversation.Open, ReadOnly = conversation.ReadOnly,
        LastSequence = (ulong)conversation.LastSequence, Revision = (ulong)conversation.Revision,
        LastMessageId = IdOrEmpty(conversation.LastMessageId), LastMessageAt = (ulong)(conversation.LastMessageAt ?? 0),
        CreatedAt = (ulong)conversation.CreatedAt, CreatorId = IdOrEmpty(conversation.CreatorId),
    };

    public static Chat.Conversation Of(ConversationView view)
    {
        var shape = Of(view.Conversation);
        shape.LastRead = (ulong)view.LastRead;
        shape.UnreadCount = (uint)view.UnreadCount;
        shape.MentionCount = (uint)view.MentionCount;
        shape.LastMessage = view.LastMessage is { } message ? Of(message) : null;
        return shape;
    }

    public static Chat.Member Of(Member member) => new()
    {
        UserId = Id(member.UserId), DisplayName = member.DisplayName, Role = member.Role == MemberRole.Admin ? "admin" : "member",
        State = member.State switch
        {
            MemberState.Member => Chat.MemberState.Member,
            MemberState.Left => Chat.MemberState.Left,
            _ => Chat.MemberState.Removed,
        },
        JoinedAt = (ulong)member.JoinedAt, Revision = (ulong)member.Revision,
    };

    public static void Add(Google.Protobuf.Collections.RepeatedField<string> target, IReadOnlyList<Guid> ids)
    {
        foreach (var id in ids) target.Add(Id(id));
    }

    private static string IdOrEmpty(Guid? id) => id is { } value ? Id(value) : "";

    private static Chat.ReplyPreview Of(ReplyPreview reply) => new()
    {
        Id = Id(reply.Id), ServerSequence = (ulong)reply.Sequence, SenderId = Id(reply.SenderId),
        Excerpt = reply.Excerpt, Deleted = reply.Deleted,
    };
}
