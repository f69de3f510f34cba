using United.Core;
using United.Core.Presence;
using United.Wire.Presence;
using United.Wire.Ws;
using PresenceStatus = United.Core.Presence.PresenceStatus;

namespace United.Server.ProtoSocket;

/// <summary>125, 126, 140 and 141: who is there, and who is writing.</summary>
internal sealed class PresenceFrames(PresenceBoard board, Core.Presence.Typing typing)
{
    public async Task<Result<Envelope>> Set(Caller caller, SetPresence request, CancellationToken ct) =>
        Fields.Answer(await board.Set(caller, (PresenceStatus)request.Status, ct), Ok);

    public async Task<Result<Envelope>> Typing(Caller caller, Wire.Ws.Typing request, CancellationToken ct) =>
        Fields.Id(request.ChannelId, "channel_id").TryGet(out var channel, out var refusal)
            ? Fields.Answer(await typing.Tell(caller, channel, ct), Ok)
            : refusal;

    public static Envelope Of(PresenceChanged changed) => new()
    {
        PresenceUpdateEvent = new PresenceUpdateEvent
        {
            Update = new PresenceUpdate
            {
                UserId = Shapes.Id(changed.UserId),
                UserPubkey = changed.UserPublicKey,
                Status = (Wire.Presence.PresenceStatus)changed.Status,
                Timestamp = (ulong)changed.At,
            },
        },
    };

    public static Envelope Of(UserTyping typing) => new()
    {
        TypingEvent = new TypingEvent
        {
            Indicator = new TypingIndicator
            {
                UserId = Shapes.Id(typing.UserId),
                UserPubkey = typing.UserPublicKey,
                DisplayName = typing.DisplayName,
                ChannelId = Shapes.Id(typing.Conversation),
                Timestamp = (ulong)typing.At,
            },
        },
    };

    private static Envelope Ok(Done done) => new() { Ok = new Ok() };
}
