using United.Core.DirectMessages;
using United.Core.Messages;
using United.Core.Presence;
using United.Core.Realtime;
using United.Server.Rest;
using United.SocketIo;

namespace United.Server.SocketIo;

/// <summary>
/// Events as this wire tells them: each is a packet that is encoded once for all who listen, and kept for those who come back. It is kept
/// for the rooms of those who may read it, and only what can be told late: presence, typing and flags are of the moment.
/// </summary>
internal sealed class SocketEncoder(SocketIoServer io) : IWireEncoder<SocketPacket>
{
    private static readonly SocketPacket Untold = new(null);

    private readonly Namespace _ns = io.Of("/");

    public int Slot => 1;

    public SocketPacket Encode(Event told) => told switch
    {
        MessagePosted { Message.Sealed: not null } posted => Kept(posted, "dm:new", SealedJson.Of(posted.Message)),
        MessagePosted posted => Kept(posted, "message:new", MessageJson.Of(posted.Message, reader: null)),
        MessageEdited edited => Kept(edited, "message:edited", new EditedJson(
            edited.MessageId, edited.ConversationId, edited.NewContent, edited.EditedAt, edited.MentionUserIds, edited.MentionRoleIds, edited.Revision)),
        MessageDeleted deleted => Kept(deleted, "message:deleted", new DeletedJson(deleted.MessageId, deleted.ConversationId, deleted.Sequence, deleted.Revision)),
        ReactionAdded { Reaction: var reaction } => Kept((ConversationEvent)told, "reaction:added", new ReactedJson(
            reaction.MessageId, reaction.ConversationId, reaction.UserId, reaction.Emoji, reaction.Revision)),
        ReactionRemoved removed => Kept(removed, "reaction:removed", new ReactedJson(
            removed.MessageId, removed.ConversationId, removed.UserId, removed.Emoji, removed.Revision)),
        ConversationEntered entered => Kept(entered, "conversation:new", ConversationJson.Of(entered.Conversation)),
        ConversationCreated created => Kept(created, "conversation:new", ConversationJson.Of(created.Conversation)),
        ConversationUpdated updated => Kept(updated, "conversation:updated", ConversationJson.Of(updated.Conversation)),
        ConversationRemoved removed => Kept(removed, "conversation:removed", new GoneJson(removed.ConversationId)),
        ReadingEnded ended => Kept(ended, "conversation:removed", new GoneJson(ended.ConversationId)),
        MemberChanged changed => Kept(changed, NameOf(changed), Of(changed.Member)),
        RequestReceived received => Kept(received, "request:new", Of(received.Request, received.Conversation)),
        RequestAccepted accepted => Kept(accepted, "request:accepted", Of(accepted.Request, accepted.Conversation)),
        UnreadChanged changed => Kept(changed, "unread", new UnreadJson(changed.ConversationId, changed.UnreadCount, changed.MentionCount)),
        ReceiptMoved { Kind: WatermarkKind.Read } read => Kept(read, "message:read", new ReadReceiptJson(
            read.Conversation, read.MessageId, read.Sequence, read.UserId, read.At)),
        ReceiptMoved delivered => Kept(delivered, "message:delivered", new DeliveredReceiptJson(delivered.Conversation, delivered.UserId, delivered.Sequence)),
        DmConversationCreated created => Kept(created, "dm:conversation", DmConversationJson.Of(created.Conversation)),
        DmKeyRotated { Key: var key } rotated => Kept(rotated, "dm:key", new DmKeyRotatedJson(key.Owner, key.PublicKey, key.PublishedAt)),
        MessageFlagged flagged => Now("message:flagged", new FlaggedJson(flagged.MessageId, flagged.ConversationId)),
        UserTyping typing => Now("typing", new WritingJson(typing.Conversation, typing.UserId, typing.DisplayName)),
        PresenceChanged changed => Now(NameOf(changed.Status), new StatusJson(changed.UserId, Words.Of(changed.Status), changed.At)),
        _ => Untold,
    };

    private SocketPacket Kept(ConversationEvent told, string name, object payload) =>
        Kept(told.Open ? SocketRooms.Server : SocketRooms.OfConversation(told.ConversationId), name, payload);

    private SocketPacket Kept(UserEvent told, string name, object payload) => Kept(SocketRooms.OfUser(told.UserId), name, payload);

    private SocketPacket Kept(ReceiptMoved told, string name, object payload) => Kept(SocketRooms.OfConversation(told.Conversation), name, payload);

    private SocketPacket Kept(string room, string name, object payload) => new(_ns.PrepareFor([room], name, payload));

    private SocketPacket Now(string name, object payload) => new(_ns.Prepare(name, payload));

    private static RequestJson Of(MessageRequest request, Conversation conversation) =>
        RequestJson.Of(request) with { Conversation = ConversationJson.Of(conversation) };

    private static MembershipJson Of(Member member) =>
        new(member.ConversationId, member.UserId, Words.Of(member.Role), member.Revision);

    private static string NameOf(MemberChanged changed) =>
        changed.Member.State != MemberState.Member ? "member:removed" : changed.RoleOnly ? "member:updated" : "member:added";

    private static string NameOf(PresenceStatus status) => status switch
    {
        PresenceStatus.Online => "status:online",
        PresenceStatus.Offline => "status:offline",
        _ => "status:changed",
    };
}

/// <summary>What sessions hand to their sockets of one event.</summary>
/// <param name="Event">Null: this wire does not tell of it.</param>
internal sealed record SocketPacket(PreparedEvent? Event);
