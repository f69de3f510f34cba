using United.Core;
using United.Wire.Ws;
using Case = United.Wire.Ws.Envelope.PayloadOneofCase;

namespace United.Server.ProtoSocket;

/// <summary>What a request is about, for the audit: the message where it names one, else the conversation or the person.</summary>
internal static class Targets
{
    public static Guid? Of(Envelope request) => Ids.TryParse(Named(request), out var id) ? id : null;

    private static string Named(Envelope request) => request.PayloadCase switch
    {
        Case.SendMessage => request.SendMessage.ChannelId,
        Case.EditMessage => request.EditMessage.MessageId,
        Case.DeleteMessage => request.DeleteMessage.MessageId,
        Case.AddReaction => request.AddReaction.MessageId,
        Case.RemoveReaction => request.RemoveReaction.MessageId,
        Case.MarkRead => request.MarkRead.ConversationId,
        Case.MarkDelivered => request.MarkDelivered.ConversationId,
        Case.FetchHistoryRequest => request.FetchHistoryRequest.ChannelId,
        Case.ListConversations => request.ListConversations.ConversationId,
        Case.CreateConversation => request.CreateConversation.UserId,
        Case.ChangeConversation => request.ChangeConversation.ConversationId,
        Case.ChangeMembers => request.ChangeMembers.ConversationId,
        Case.ChangeSettings => request.ChangeSettings.ConversationId,
        Case.AnswerRequest => request.AnswerRequest.Id,
        Case.FetchReceipts => request.FetchReceipts.MessageId,
        Case.DmHistoryRequest => request.DmHistoryRequest.ConversationId,
        Case.DmSend => request.DmSend.ConversationId,
        Case.Typing => request.Typing.ChannelId,
        _ => "",
    };
}
