using United.Core;
using United.Core.Conversations;
using United.Core.Messages;
using United.Wire.Ws;
using AnswerRequest = United.Wire.Ws.AnswerRequest;

namespace United.Server.ProtoSocket;

/// <summary>174 and 184: who asks to write to somebody, and the answers. They are listed with the conversations (180).</summary>
internal sealed class RequestsFrames(MessageRequests requests)
{
    public async Task<Result<Envelope>> Answer(Caller caller, AnswerRequest request, CancellationToken ct)
    {
        if (!Fields.Id(request.Id, "id").TryGet(out var id, out var refusal)) return refusal;
        var answered = request.Answer switch
        {
            RequestAnswer.Accept => await requests.Accept(caller, id, ct),
            RequestAnswer.Decline => await requests.Decline(caller, id, ct),
            _ => Refusal.Invalid("answer", "must be accept or decline"),
        };
        return Fields.Answer(answered, _ => new() { Ok = new Ok() });
    }

    public static Envelope Of(RequestChange change, MessageRequest request) =>
        new() { RequestEvent = new RequestEvent { Change = change, Request = Shapes.Of(request) } };
}
