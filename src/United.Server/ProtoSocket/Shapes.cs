using Google.Protobuf;
using Google.Protobuf.Collections;
using United.Core.Media;
using United.Core.Messages;
using Chat = United.Wire.Chat;

namespace United.Server.ProtoSocket;

/// <summary>The domain's records as this wire shows them. Ids are lower case with hyphens, absent ones "", times Unix milliseconds.</summary>
internal static class Shapes
{
    // A reaction takes 200 bytes at most, a text 16,000: so a message of any popularity fits an answer.
    private const int MostReactions = 1_000;

    public static string Id(Guid id) => id.ToString("D");

    public static Chat.ChatMessage Of(Message message)
    {
        var shape = new Chat.ChatMessage
        {
            Id = Id(message.Id),
            ChannelId = Id(message.ConversationId),
            SenderId = Id(message.SenderId),
            SenderPubkey = message.SenderPublicKey,
            SenderDisplayName = message.SenderDisplayName,
            Type = (Chat.MessageType)message.Type,
            Content = message.Content,
            Timestamp = (ulong)message.Timestamp,
            ServerSequence = (ulong)message.Sequence,
            Revision = (ulong)message.Revision,
            Signature = message.Signature is { } signature ? ByteString.CopyFrom(signature) : ByteString.Empty,
            ReplyToId = IdOrEmpty(message.ReplyToId),
            ReplyTo = message.ReplyTo is { } reply ? Of(reply) : null,
            SharedPostId = IdOrEmpty(message.SharedPostId),
            SharedPost = message.SharedPost is { } post ? Of(post) : null,
            ClientId = message.ClientId ?? "",
            Edited = message.EditedAt is not null,
            EditTimestamp = (ulong)(message.EditedAt ?? 0),
            Deleted = message.Deleted,
            Late = message.Late,
            MentionEveryone = message.MentionsEveryone,
            Encrypted = message.Sealed is null ? null : DirectMessagesFrames.Of(message),
        };
        Add(shape.MentionUserIds, message.MentionUserIds);
        Add(shape.MentionRoleIds, message.MentionRoleIds);
        Add(shape.Reactions, message.Reactions);
        foreach (var media in message.Media) shape.Media.Add(Of(media));
        return shape;
    }

    public static Chat.Reaction Of(Reaction reaction) => new()
    {
        MessageId = Id(reaction.MessageId),
        ChannelId = Id(reaction.ConversationId),
        UserId = Id(reaction.UserId),
        UserPubkey = reaction.UserPublicKey,
        Emoji = reaction.Emoji,
        Timestamp = (ulong)reaction.Timestamp,
        Revision = (ulong)reaction.Revision,
    };

    public static Chat.Conversation Of(Conversation conversation) => new()
    {
        Id = Id(conversation.Id),
        Kind = (Chat.ConversationKind)conversation.Kind,
        Name = conversation.Name,
        Topic = conversation.Topic,
        Category = conversation.Category,
        Position = conversation.Position,
        Private = conversation.Kind == ConversationKind.Channel && !conversation.Open,
        ReadOnly = conversation.ReadOnly,
        LastSequence = (ulong)conversation.LastSequence,
        Revision = (ulong)conversation.Revision,
        LastMessageId = IdOrEmpty(conversation.LastMessageId),
        LastMessageAt = (ulong)(conversation.LastMessageAt ?? 0),
        CreatedAt = (ulong)conversation.CreatedAt,
        CreatorId = IdOrEmpty(conversation.CreatorId),
        AvatarMediaId = IdOrEmpty(conversation.AvatarMediaId),
    };

    /// <summary>With its last message, and what the reader has left to read.</summary>
    public static Chat.Conversation Of(ConversationView view)
    {
        var shape = Of(view.Conversation);
        shape.LastRead = (ulong)view.LastRead;
        shape.LastDelivered = (ulong)view.LastDelivered;
        shape.UnreadCount = (uint)view.UnreadCount;
        shape.MentionCount = (uint)view.MentionCount;
        shape.LastMessage = view.LastMessage is { } message ? Of(message) : null;
        shape.Settings = Of(view.Settings);
        shape.Request = view.Request is { } request ? Of(request) : null;
        foreach (var member in view.Members) shape.Members.Add(Of(member));
        shape.MemberCount = (uint)view.MemberCount;
        return shape;
    }

    public static Chat.ConversationSettings Of(ConversationSettings settings) => new()
    {
        Role = Words.Of(settings.Role),
        MutedUntil = (ulong)(settings.MutedUntil ?? 0),
        Notifications = Words.Of(settings.Notifications),
        Hidden = settings.Hidden,
        HiddenSequence = (ulong)settings.HiddenSequence,
    };

    public static Chat.MessageRequest Of(MessageRequest request) => new()
    {
        Id = Id(request.Id),
        RequesterId = Id(request.RequesterId),
        RecipientId = Id(request.RecipientId),
        ConversationId = Id(request.ConversationId),
        State = Words.Of(request.State),
        CreatedAt = (ulong)request.CreatedAt,
    };

    public static Chat.Member Of(ShownMember shown)
    {
        var shape = Of(shown.Member);
        if (shown.LastRead is { } read) shape.LastReadSequence = (ulong)read;
        if (shown.LastDelivered is { } delivered) shape.LastDeliveredSequence = (ulong)delivered;
        return shape;
    }

    public static Chat.Member Of(Member member) => new()
    {
        UserId = Id(member.UserId),
        DisplayName = member.DisplayName,
        Role = Words.Of(member.Role),
        State = member.State switch
        {
            MemberState.Member => Chat.MemberState.Member,
            MemberState.Left => Chat.MemberState.Left,
            _ => Chat.MemberState.Removed,
        },
        JoinedAt = (ulong)member.JoinedAt,
        Revision = (ulong)member.Revision,
    };

    public static Wire.Ws.ConversationChanges Of(SyncedConversation changed)
    {
        var shape = new Wire.Ws.ConversationChanges
        {
            ConversationId = Id(changed.Id),
            Revision = (ulong)changed.Revision,
            LastSequence = (ulong)changed.LastSequence,
            LastRead = (ulong)changed.State.LastRead,
            UnreadCount = (uint)changed.State.UnreadCount,
            MentionCount = (uint)changed.State.MentionCount,
            Conversation = changed.Changed is { } conversation ? Of(conversation) : null,
            Truncated = changed.Truncated,
            Settings = Of(changed.State.Settings),
            Request = changed.Request is { } request ? Of(request) : null,
        };
        foreach (var member in changed.Members) shape.Members.Add(Of(member));
        return shape;
    }

    public static Wire.Ws.Receipt Of(Receipt receipt) => new()
    {
        ConversationId = Id(receipt.ConversationId),
        UserId = Id(receipt.UserId),
        Kind = Words.Of(receipt.Kind),
        Sequence = (ulong)receipt.Sequence,
        At = (ulong)receipt.At,
    };

    public static void Add(RepeatedField<string> target, IReadOnlyList<Guid> ids)
    {
        foreach (var id in ids) target.Add(Id(id));
    }

    /// <summary>The oldest of them, where there are a great many: REST lists all.</summary>
    public static void Add(RepeatedField<Chat.Reaction> target, IReadOnlyList<Reaction> reactions)
    {
        foreach (var reaction in reactions.Take(MostReactions)) target.Add(Of(reaction));
    }

    private static string IdOrEmpty(Guid? id) => id is { } value ? Id(value) : "";

    private static Chat.Media Of(MessageMedia media) => new()
    {
        Id = Id(media.Id),
        MediaType = MessageTypeNames.Of(media.Type),
        ContentType = media.ContentType,
        Name = media.Name,
        Size = (ulong)media.Size,
        Width = (uint)(media.Width ?? 0),
        Height = (uint)(media.Height ?? 0),
        Duration = (media.Duration ?? 0) / 1000.0,
        Waveform = media.Waveform is { } waveform ? ByteString.CopyFrom(waveform) : ByteString.Empty,
        ThumbnailId = IdOrEmpty(media.ThumbnailId),
    };

    private static Chat.ReplyPreview Of(ReplyPreview reply) => new()
    {
        Id = Id(reply.Id),
        ServerSequence = (ulong)reply.Sequence,
        SenderId = Id(reply.SenderId),
        Excerpt = reply.Excerpt,
        Deleted = reply.Deleted,
    };
}
