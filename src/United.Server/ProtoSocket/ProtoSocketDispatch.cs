using United.Core;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Wire.Ws;
using Case = United.Wire.Ws.Envelope.PayloadOneofCase;

namespace United.Server.ProtoSocket;

/// <summary>
/// Who asks, and who answers: the caller is resolved anew for every request, so that an ended session or a lost right holds at the next
/// one. The only place of this wire that catches what a slice throws.
/// </summary>
internal sealed partial class ProtoSocketDispatch(
    Callers callers, Hub hub, AuthFrames auth, ServerFrames server, BlobFrames blobs, MessagesFrames messages, ConversationsFrames conversations,
    RequestsFrames requests, ReceiptsFrames receipts, PresenceFrames presence, DirectMessagesFrames direct, RefusedAccesses refused,
    ILogger<ProtoSocketDispatch> log)
{
    /// <summary>For somebody who has signed in.</summary>
    public async Task<Result<Envelope>> Answer(Session session, Visitor visitor, Envelope request, CancellationToken ct)
    {
        var answer = await Guarded(request.PayloadCase, async () =>
            (await callers.Resolve(session.UserId, session.SessionId, ct)).TryGet(out var caller, out var refusal)
                ? await Route(caller, request, ct)
                : refusal, ct);
        // Blobs are the caller's own: that one is missing was no attempt at somebody else's.
        if (answer.Refusal?.Fault is { } fault && RefusedAccesses.Concern(fault) && request.PayloadCase != Case.BlobStoreRequest)
            refused.Note(new RefusedAccess(session.UserId, visitor.Address, request.PayloadCase.ToString(), fault, Targets.Of(request)));
        return answer;
    }

    /// <summary>For somebody who has not.</summary>
    public Task<Result<Envelope>> Answer(Visitor visitor, Envelope request, CancellationToken ct) => Guarded(request.PayloadCase, () => request.PayloadCase switch
    {
        Case.ChallengeRequest => auth.Challenge(visitor, request.ChallengeRequest, ct),
        Case.ServerInfoRequest => server.Info(ct),
        Case.Ping => server.Pong(),
        _ => Refused(Fault.Unauthorized),
    }, ct);

    public Task<Result<Welcome>> SignIn(Visitor visitor, Envelope request, CancellationToken ct) => Guarded(request.PayloadCase, () => request.PayloadCase switch
    {
        Case.TokenAuth => auth.Token(request, ct),
        _ => auth.Key(visitor, request, ct),
    }, ct);

    /// <returns>False: it could not be let in, and hears nothing. Where its log-in has ended meanwhile, its outbox is closed already.</returns>
    public async Task<bool> Attach(Session session, CancellationToken ct) =>
        (await Guarded<bool>(Case.Hello, async () => await hub.Attach(session, ct), ct)) is { Ok: true, Value: true };

    private Task<Result<Envelope>> Route(Caller caller, Envelope request, CancellationToken ct) => request.PayloadCase switch
    {
        Case.SendMessage => messages.Send(caller, request.SendMessage, ct),
        Case.EditMessage => messages.Edit(caller, request.EditMessage, ct),
        Case.DeleteMessage => messages.Delete(caller, request.DeleteMessage, ct),
        Case.AddReaction => messages.React(caller, request.AddReaction, ct),
        Case.RemoveReaction => messages.Unreact(caller, request.RemoveReaction, ct),
        Case.MarkRead => messages.MarkRead(caller, request.MarkRead, ct),
        Case.MarkDelivered => messages.MarkDelivered(caller, request.MarkDelivered, ct),
        Case.FetchHistoryRequest => messages.History(caller, request.FetchHistoryRequest, ct),
        Case.ListConversations => conversations.List(caller, request.ListConversations, ct),
        Case.CreateConversation => conversations.Create(caller, request.CreateConversation, ct),
        Case.ChangeConversation => conversations.Change(caller, request.ChangeConversation, ct),
        Case.ChangeMembers => conversations.ChangeMembers(caller, request.ChangeMembers, ct),
        Case.ChangeSettings => conversations.ChangeSettings(caller, request.ChangeSettings, ct),
        Case.AnswerRequest => requests.Answer(caller, request.AnswerRequest, ct),
        Case.FetchReceipts => receipts.Fetch(caller, request.FetchReceipts, ct),
        Case.DmHistoryRequest => direct.History(caller, request.DmHistoryRequest, ct),
        Case.DmConversationListRequest => direct.List(caller, ct),
        Case.DmOfflineRequest => direct.Waiting(caller, ct),
        Case.DmOfflineAck => direct.Acknowledge(caller, request.DmOfflineAck, ct),
        Case.DmSend => direct.Send(caller, request.DmSend, ct),
        Case.DmCreateConversation => direct.Open(caller, request.DmCreateConversation, ct),
        Case.DmPublishKey => direct.PublishKey(caller, request.DmPublishKey, ct),
        Case.DmGetKey => direct.FindKey(caller, request.DmGetKey, ct),
        Case.SyncRequest => messages.Sync(caller, request.SyncRequest, ct),
        Case.Typing => presence.Typing(caller, request.Typing, ct),
        Case.SetPresence => presence.Set(caller, request.SetPresence, ct),
        Case.BlobStoreRequest => blobs.StoreOrRead(caller, request.BlobStoreRequest, ct),
        Case.ServerInfoRequest => server.Info(ct),
        Case.Ping => server.Pong(),
        Case.TokenAuth or Case.ChallengeRequest or Case.ChallengeResponse => Refused(new Refusal(Fault.Conflict, Reason: "This connection is signed in.")),
        _ => Refused(new Refusal(Fault.Malformed, Reason: "This is not a request.")),
    };

    private static Task<Result<Envelope>> Refused(Refusal refusal) => Task.FromResult<Result<Envelope>>(refusal);

    private async Task<Result<T>> Guarded<T>(Case payload, Func<Task<Result<T>>> work, CancellationToken ct)
    {
        try
        {
            return await work();
        }
        catch (DatabaseUnavailableException)
        {
            return DatabaseUnavailableException.Refusal;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Its connection has ended: nobody reads this answer.
            return Fault.Unavailable;
        }
        catch (Exception e)
        {
            Failed(e, payload);
            return Fault.Internal;
        }
    }

    [LoggerMessage(41, LogLevel.Error, "A request over the protobuf socket failed: {Payload}")]
    private partial void Failed(Exception e, Case payload);
}
