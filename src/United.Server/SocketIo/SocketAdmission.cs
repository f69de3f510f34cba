using System.Net;
using United.Core;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Server.Hosting;
using United.Server.Rest;
using United.SocketIo;

namespace United.Server.SocketIo;

/// <summary>
/// Who may come in: whoever brings the access token of a session that stands. Asked anew of one that comes back after a break, too: the session
/// may have ended meanwhile, and memberships are those of now.
/// </summary>
internal sealed class SocketAdmission(
    Callers callers, Hub hub, SocketEncoder encoder, SocketRooms rooms, Lingering lingering, RateLimits limits, ConnectionCounts counts, ServerIdentity server, TimeProvider time)
{
    public async ValueTask<United.SocketIo.Refusal?> Admit(Admission admission)
    {
        try
        {
            if (!(await CallerOf(admission.Socket.Handshake)).TryGet(out var caller, out var refusal)) return SocketFaults.AtTheDoor(refusal);
            if (counts.Enter(caller.UserId) is not { } place) return SocketFaults.AtTheDoor(Fault.TooMany);
            return await LetIn(admission, caller, place);
        }
        catch (DatabaseUnavailableException)
        {
            return SocketFaults.AtTheDoor(Fault.Unavailable);
        }
    }

    /// <summary>A socket has gone.</summary>
    public Task Leave(Socket socket, string reason)
    {
        if (socket.State is not SocketSession session) return Task.CompletedTask;
        session.Place.Dispose();
        if (session.MayComeBack(reason)) lingering.Add(session);
        else hub.Detach(session);
        return Task.CompletedTask;
    }

    private async Task<United.SocketIo.Refusal?> LetIn(Admission admission, Caller caller, IDisposable place)
    {
        var before = admission.Seen is null ? null : lingering.Take(admission.Socket.Id);
        var entrance = new Entrance(admission, Hello(admission.Socket.Namespace, caller), IsOf(before, caller) ? before : null);
        var session = new SocketSession(caller.UserId, caller.SessionId, encoder, rooms, new FrameRate(limits), entrance)
        {
            Address = admission.Socket.Handshake.Engine.Address ?? IPAddress.None,
            Place = place,
        };
        try
        {
            if (await hub.Attach(session, CancellationToken.None)) return null;
        }
        catch
        {
            place.Dispose();
            throw;
        }
        finally
        {
            if (before is not null) hub.Detach(before);
        }
        place.Dispose();
        return session.Closed is null ? null : SocketFaults.AtTheDoor(Fault.SessionEnded);
    }

    private static bool IsOf(SocketSession? before, Caller caller) => before?.UserId == caller.UserId && before.SessionId == caller.SessionId;

    private PreparedEvent Hello(Namespace ns, Caller caller) =>
        ns.Prepare("hello", new HelloJson(caller.UserId, server.LogEpoch, time.GetUtcNow().ToUnixTimeMilliseconds()));

    private ValueTask<Result<Caller>> CallerOf(Handshake handshake) =>
        TokenOf(handshake) is { } token ? callers.Of(token) : new(Fault.Unauthorized);

    // Browsers cannot set the header: they bring the token in the auth payload.
    private static string? TokenOf(Handshake handshake) =>
        Bearer.TokenOf(handshake.Engine.Headers["Authorization"])
        ?? (Body.Parse(handshake.Auth.Json.Span, SocketJson.Of<AuthBody>()).TryGet(out var auth, out _) ? auth.Token : null);
}

internal sealed record AuthBody
{
    public string? Token { get; init; }
}
