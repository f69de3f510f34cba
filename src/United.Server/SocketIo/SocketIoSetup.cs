using United.Core.Moderation;
using United.Core.Realtime;
using United.Server.Hosting;
using United.Server.Hosting.Settings;
using United.SocketIo;
using United.SocketIo.Adapters;
using United.SocketIo.EngineIo;

namespace United.Server.SocketIo;

internal static class SocketIoSetup
{
    // Sessions of absent clients; the oldest go first. Each keeps a few hundred bytes, and what is recorded for them has a bound of its own.
    private const int MostLingering = 10_000;

    public static void AddSocketIo(this IServiceCollection services, SocketIoSettings settings)
    {
        services.AddSingleton(made => new SocketIoServer(Options(settings, made), made.GetRequiredService<ILoggerFactory>(), made.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SocketEncoder>();
        services.AddSingleton(new SocketRooms(Kept: settings.Redis.Length > 0));
        services.AddSingleton(made => new Lingering(
            made.GetRequiredService<Hub>(),
            new LingeringBounds(settings.Recovery, MostLingering, made.GetRequiredService<LimitsOptions>().SocketsPerUser),
            made.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SocketAdmission>();
        services.AddSingleton<MessagesSocketEvents>();
        services.AddSingleton<ConversationsSocketEvents>();
        services.AddSingleton<PresenceSocketEvents>();
        services.AddSingleton<DirectMessagesSocketEvents>();
        services.AddSingleton<SocketDispatch>();
    }

    public static void MapSocketIo(this IEndpointRouteBuilder routes)
    {
        var made = routes.ServiceProvider;
        var io = made.GetRequiredService<SocketIoServer>();
        var admission = made.GetRequiredService<SocketAdmission>();
        var main = io.Of("/");
        main.AdmitBy(admission.Admit);
        main.OnDisconnect(admission.Leave);
        main.OnAny(made.GetRequiredService<SocketDispatch>().Handle);
        made.GetRequiredService<Draining>().GoAway.Register(() => _ = io.Close());
        routes.Map("/socket.io/{**rest}", io.Handle);
    }

    private static SocketIoOptions Options(SocketIoSettings settings, IServiceProvider made)
    {
        var (origins, counts, visitors) = (made.GetRequiredService<Origins>(), made.GetRequiredService<ConnectionCounts>(), made.GetRequiredService<Visitors>());
        var options = new SocketIoOptions
        {
            PingInterval = settings.Ping,
            PingTimeout = settings.PingTimeout,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            MaxHttpBufferSize = settings.MaxPayload,
            Transports = settings.Transports,
            AllowRequest = http => ValueTask.FromResult(origins.Admit(http.Request) ? null : "This origin may not connect."),
            EnterSession = http => counts.Enter(visitors.Of(http).Address),
            ForgetHandshakes = true,
            ConnectionStateRecovery = settings.Recovery > TimeSpan.Zero
                ? new() { MaxDisconnectionDuration = settings.Recovery, SkipMiddlewares = false, MaxSessions = MostLingering }
                : null,
        };
        SocketJson.Apply(options.Json);
        if (settings.Redis.Length > 0) options.UseRedis(settings.Redis, redis => redis.Key = settings.RedisKey);
        return options;
    }
}
