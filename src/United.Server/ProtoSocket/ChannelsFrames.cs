using United.Core.Messages;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>145 and 171: channels that come, change and go, and who is in them. They are made and changed over REST.</summary>
internal static class ChannelsFrames
{
    public static Envelope Of(ChannelChange change, Conversation conversation) => Told(change, Shapes.Of(conversation));

    /// <summary>It was deleted, or this user may no longer read it.</summary>
    /// <param name="revision">0 where the end is the reader's alone.</param>
    public static Envelope Gone(Guid id, long revision) =>
        Told(ChannelChange.Removed, new Wire.Chat.Conversation { Id = Shapes.Id(id), Revision = (ulong)revision });

    public static Envelope Of(MemberChanged changed) =>
        new() { MemberEvent = new MemberEvent { ConversationId = Shapes.Id(changed.ConversationId), Member = Shapes.Of(changed.Member) } };

    private static Envelope Told(ChannelChange change, Wire.Chat.Conversation channel) =>
        new() { ChannelChangedEvent = new ChannelChangedEvent { Change = change, Channel = channel } };
}
