using United.Core;
using United.Core.Identity;
using United.Core.Messages;
using United.Core.Moderation;
using United.Server.Hosting;
using United.Wire.Ws;

namespace United.Server.ProtoSocket;

/// <summary>20 to 23: what this server is, and whether it is there.</summary>
internal sealed class ServerFrames(ServerIdentity server, ServerSettings settings, Registration registration, LimitsOptions limits, TimeProvider time)
{
    public async Task<Result<Envelope>> Info(CancellationToken ct) => new Envelope
    {
        ServerInfoResponse = new ServerInfoResponse
        {
            Name = settings.Current.Name,
            Version = Release.Version,
            ServerId = server.ServerId,
            LogEpoch = server.LogEpoch,
            Registration = RegistrationModes.Of(settings.Current.Registration),
            SetupNeeded = await registration.SetupNeeded(ct),
            Limits = LimitsOf(limits),
        },
    };

    public Task<Result<Envelope>> Pong() => Task.FromResult<Result<Envelope>>(
        new Envelope { Pong = new Pong { ServerTime = (ulong)time.GetUtcNow().ToUnixTimeMilliseconds() } });

    public static Limits LimitsOf(LimitsOptions limits) => new()
    {
        ContentCharacters = TextRules.MostContent,
        FrameBytes = ProtoSocketConnection.MostMessage,
        FramesPerSecond = (uint)limits.FramesPerSecond,
        HistoryPage = History.MostLimit,
    };
}
