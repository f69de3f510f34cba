using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Presence;
using United.Core.Realtime;
using United.Wire.Chat;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>Events as this wire tells them: each is encoded once, with the head of its frame, for all who listen.</summary>
internal sealed class EventEncoder : IWireEncoder<byte[]>
{
    public int Slot => 0;

    public byte[] Encode(Event told) => Shape(told) is { } envelope ? EnvelopeFrame.Encode(envelope) : [];

    private static Envelope? Shape(Event told) => told switch
    {
        MessagePosted { Message.Sealed: not null } posted => DirectMessagesFrames.Of(posted),
        MessagePosted posted => new() { NewMessageEvent = new NewMessageEvent { Message = Shapes.Of(posted.Message) } },
        MessageEdited edited => new() { MessageEditedEvent = Of(edited) },
        MessageDeleted deleted => new() { MessageDeletedEvent = Of(deleted) },
        ReactionAdded added => new() { ReactionAddedEvent = new ReactionAddedEvent { Reaction = Shapes.Of(added.Reaction) } },
        ReactionRemoved removed => new() { ReactionRemovedEvent = Of(removed) },
        ConversationCreated created => ConversationsFrames.Of(ConversationChange.New, created.Conversation),
        ConversationEntered entered => ConversationsFrames.Of(ConversationChange.New, entered.Conversation),
        ConversationUpdated updated => ConversationsFrames.Of(ConversationChange.Updated, updated.Conversation),
        ConversationRemoved removed => ConversationsFrames.Gone(removed.ConversationId, removed.Revision, removed.OfChannel),
        ReadingEnded ended => ConversationsFrames.Gone(ended.ConversationId, 0, ended.OfChannel),
        ConversationSettingsChanged changed => ConversationsFrames.Of(changed),
        RequestReceived received => RequestsFrames.Of(RequestChange.New, received.Request),
        RequestAccepted accepted => RequestsFrames.Of(RequestChange.Accepted, accepted.Request),
        RequestDeclined declined => RequestsFrames.Of(RequestChange.Declined, declined.Request),
        DmConversationCreated created => DirectMessagesFrames.Of(created),
        DmKeyRotated rotated => DirectMessagesFrames.Of(rotated),
        MemberChanged changed => ChannelsFrames.Of(changed),
        UnreadChanged changed => new() { UnreadEvent = Of(changed) },
        ReceiptMoved moved => ReceiptsFrames.Of(moved),
        MessageFlagged flagged => new() { FlaggedEvent = Of(flagged) },
        PresenceChanged changed => PresenceFrames.Of(changed),
        UserTyping typing => PresenceFrames.Of(typing),
        _ => null,
    };

    private static MessageEditedEvent Of(MessageEdited edited)
    {
        var shape = new MessageEditedEvent
        {
            MessageId = Shapes.Id(edited.MessageId),
            ChannelId = Shapes.Id(edited.ConversationId),
            NewContent = edited.NewContent,
            EditTimestamp = (ulong)edited.EditedAt,
            Revision = (ulong)edited.Revision,
        };
        Shapes.Add(shape.MentionUserIds, edited.MentionUserIds);
        Shapes.Add(shape.MentionRoleIds, edited.MentionRoleIds);
        return shape;
    }

    private static MessageDeletedEvent Of(MessageDeleted deleted) => new()
    {
        MessageId = Shapes.Id(deleted.MessageId),
        ChannelId = Shapes.Id(deleted.ConversationId),
        ServerSequence = (ulong)deleted.Sequence,
        Revision = (ulong)deleted.Revision,
    };

    private static ReactionRemovedEvent Of(ReactionRemoved removed) => new()
    {
        MessageId = Shapes.Id(removed.MessageId),
        ChannelId = Shapes.Id(removed.ConversationId),
        UserId = Shapes.Id(removed.UserId),
        UserPubkey = removed.UserPublicKey,
        Emoji = removed.Emoji,
        Revision = (ulong)removed.Revision,
    };

    private static UnreadEvent Of(UnreadChanged changed) => new()
    {
        ConversationId = Shapes.Id(changed.ConversationId),
        LastRead = (ulong)changed.LastRead,
        UnreadCount = (uint)changed.UnreadCount,
        MentionCount = (uint)changed.MentionCount,
    };

    private static FlaggedEvent Of(MessageFlagged flagged) =>
        new() { MessageId = Shapes.Id(flagged.MessageId), ChannelId = Shapes.Id(flagged.ConversationId) };
}
