using System.Text.Json;
using United.Core;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Server.Rest;
using United.SocketIo;
using Refusal = United.Core.Refusal;

namespace United.Server.SocketIo;

/// <summary>
/// Who asks, and who answers: the caller is resolved anew for every event, so that an ended session or a lost right holds at the next one. The only
/// place of this wire that catches what a slice throws. A client's events are begun in the order in which they came, and one does not wait
/// until the one before has ended: many messages of one client may wait for the same commit.
/// </summary>
internal sealed partial class SocketDispatch(
    Callers callers, MessagesSocketEvents messages, ConversationsSocketEvents conversations, PresenceSocketEvents presence,
    DirectMessagesSocketEvents direct, RefusedAccesses refused, ILogger<SocketDispatch> log)
{
    public async Task Handle(SocketEvent e)
    {
        // Before the socket was let in there is none.
        if (e.Socket.State is not SocketSession session) return;
        if (session.Rate.Take() is var wait && wait > TimeSpan.Zero)
        {
            if (session.Rate.IsIgnored) session.Close(CloseReason.RateLimited);
            e.Ack(SocketFaults.Answer(new Refusal(Fault.RateLimited, RetryAfter: wait)));
            return;
        }
        var begun = Begin(session.Begun, session, e);
        session.Begun = begun;
        var result = await await begun;
        if (result.Refusal?.Fault is { } fault && RefusedAccesses.Concern(fault)) refused.Note(new RefusedAccess(session.UserId, session.Address, e.Name, fault, Target(e)));
        Answer(e, session, result);
        session.Answered(begun);
    }

    private async Task<ValueTask<Result<Reply>>> Begin(Task before, SocketSession session, SocketEvent e)
    {
        await before;
        var resolved = await Guarded(e.Name, () => callers.Resolve(session.UserId, session.SessionId));
        return resolved.TryGet(out var caller, out var refusal)
            ? Guarded(e.Name, () => new ValueTask<Result<Reply>>(Route(caller, e)))
            : new(refusal);
    }

    private Task<Result<Reply>> Route(Caller caller, SocketEvent e) => e.Name switch
    {
        "message:send" => With<SendBody>(e, body => messages.Send(caller, body, e.Socket)),
        "message:edit" => With<EditBody>(e, body => messages.Edit(caller, body)),
        "message:delete" => With<DeleteBody>(e, body => messages.Delete(caller, body)),
        "message:read" => With<MarkBody>(e, body => messages.MarkRead(caller, body)),
        "message:delivered" => With<MarkBody>(e, body => messages.MarkDelivered(caller, body)),
        "message:history" => With<HistoryBody>(e, body => messages.History(caller, body)),
        "reaction:add" => With<ReactBody>(e, body => messages.React(caller, body)),
        "reaction:remove" => With<ReactBody>(e, body => messages.Unreact(caller, body)),
        "dm:send" => With<SealedBody>(e, body => direct.Send(caller, body)),
        "dm:history" => With<DmHistoryBody>(e, body => direct.Page(caller, body)),
        "sync" => With<SyncBody>(e, body => messages.Sync(caller, body)),
        "conversation:join" or "conversation:leave" => With<ConversationBody>(e, body => conversations.Check(caller, body)),
        "typing" => With<ConversationBody>(e, body => presence.Typing(caller, body)),
        "status:set" => With<PresenceBody>(e, body => presence.Set(caller, body)),
        _ => Refused(new Refusal(Fault.Malformed, Reason: "There is no such event.")),
    };

    private static Task<Result<Reply>> With<T>(SocketEvent e, Func<T, Task<Result<Reply>>> act)
    {
        if (e.Args.Count != 1) return Refused(new Refusal(Fault.Malformed, Reason: "An event carries one object."));
        var type = SocketJson.Of<T>();
        return Body.Parse(e.Args[0].Json.Span, type, () => e.Args[0].Get(type)).TryGet(out var body, out var refusal) ? act(body) : Refused(refusal);
    }

    // Only for what was refused for lack of a right: by then the event has been read as one of its kind.
    private static Guid? Target(SocketEvent e)
    {
        var body = e.Args[0].Json;
        using var read = JsonDocument.Parse(body);
        return Id("messageId") ?? Id("conversationId");

        Guid? Id(string name) => read.RootElement.TryGetProperty(name, out var value) && Ids.TryParse(value.GetString(), out var id) ? id : null;
    }

    private static void Answer(SocketEvent e, SocketSession session, Result<Reply> result)
    {
        if (result.TryGet(out var reply, out var refusal)) e.Ack(reply.Payload);
        else if (refusal.Fault == Fault.SessionEnded) session.Close(CloseReason.SessionEnded(Fault.SessionEnded.Code));
        else e.Ack(SocketFaults.Answer(refusal));
    }

    private static Task<Result<Reply>> Refused(Refusal refusal) => Task.FromResult<Result<Reply>>(refusal);

    private async ValueTask<Result<T>> Guarded<T>(string name, Func<ValueTask<Result<T>>> work)
    {
        try
        {
            return await work();
        }
        catch (DatabaseUnavailableException)
        {
            return DatabaseUnavailableException.Refusal;
        }
        catch (Exception e)
        {
            Failed(e, name);
            return Fault.Internal;
        }
    }

    [LoggerMessage(42, LogLevel.Error, "An event over Socket.IO failed: {Name}")]
    private partial void Failed(Exception e, string name);
}
