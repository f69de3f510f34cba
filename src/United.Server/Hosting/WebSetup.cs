using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using United.Core;
using United.Core.Identity;
using United.Core.Moderation;
using United.Server.Hosting.Metrics;
using United.Server.Hosting.Settings;
using United.Server.Hosting.Web;
using United.Server.ProtoSocket;
using United.Server.Rest;
using United.Server.SocketIo;

namespace United.Server.Hosting;

/// <summary>The web server: what the routes are given, the rings around them in their order, and the routes.</summary>
internal static class WebSetup
{
    // Sockets have been told to go by then; what still runs is an upload or a slow reader.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    public static WebApplication Build(UnitedOptions options, CoreSetup core, TimeProvider time, ILoggerFactory loggers, Action<IServiceCollection>? replace)
    {
        // Empty, so that nothing is configured by names that we don't know of: what can be set stands in UnitedOptions.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls(options.Server.Urls);
        builder.WebHost.ConfigureKestrel(KestrelLimits.Set);
        builder.Services.Configure<SocketTransportOptions>(KestrelLimits.Set);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Server.StopWait + StopPatience);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(time);
        AddCore(builder.Services, core);
        AddHosting(builder.Services, options);
        AddRest(builder.Services, options.Server);
        builder.Services.AddProtoSocket();
        builder.Services.AddSocketIo(options.SocketIo);
        replace?.Invoke(builder.Services);
        var app = builder.Build();
        app.Services.GetRequiredService<MetricBoard>(); // counts from the start, not from the first look
        UseRings(app, options.Server);
        MapRoutes(app);
        return app;
    }

    private static void AddCore(IServiceCollection services, CoreSetup core)
    {
        services.AddSingleton(core);
        services.AddSingleton(core.Database);
        services.AddSingleton(core.Hub);
        services.AddSingleton(core.Log);
        services.AddSingleton(core.History);
        services.AddSingleton(core.Messages);
        services.AddSingleton(core.Receipts);
        services.AddSingleton(core.MediaReader);
        services.AddSingleton(core.Media.Folder);
        services.AddSingleton(core.Media.Uploads);
        services.AddSingleton(core.Media.Tickets);
        services.AddSingleton(core.Sync);
        services.AddSingleton(core.Search);
        services.AddSingleton(core.Channels);
        services.AddSingleton(core.Conversations);
        services.AddSingleton(core.Requests);
        services.AddSingleton(core.Limits);
        services.AddSingleton(core.Audit);
        services.AddSingleton(core.Refused);
        services.AddSingleton(core.Flagged);
        services.AddSingleton(core.Reports);
        services.AddSingleton(core.Presence);
        services.AddSingleton(core.Typing);
        services.AddSingleton(core.DirectMessages.Keys);
        services.AddSingleton(core.DirectMessages.Conversations);
        services.AddSingleton(core.DirectMessages.Messages);
        services.AddSingleton(core.DirectMessages.Queue);
        var identity = core.Identity;
        services.AddSingleton(identity.Server);
        services.AddSingleton(identity.Settings);
        services.AddSingleton(identity.Callers);
        services.AddSingleton(identity.Challenges);
        services.AddSingleton(identity.Sessions);
        services.AddSingleton(identity.LogIns);
        services.AddSingleton(identity.Registration);
        services.AddSingleton(identity.Accounts);
        services.AddSingleton(identity.Members);
        services.AddSingleton(identity.Directory);
        services.AddSingleton(identity.Roles);
        services.AddSingleton(identity.Invites);
        services.AddSingleton(identity.Blocks);
        services.AddSingleton(identity.KeyBackups);
    }

    private static void AddHosting(IServiceCollection services, UnitedOptions options)
    {
        services.AddSingleton(options.Server);
        services.AddSingleton(options.Core.Identity.Limits);
        services.AddSingleton<ConnectionCounts>();
        services.AddSingleton<Origins>();
        services.AddSingleton<Visitors>();
        services.AddSingleton<Readiness>();
        services.AddSingleton(WebFiles.Embedded());
        services.AddSingleton<MetricBoard>();
        services.AddHostedService<Upkeep>();
        services.AddSingleton<Draining>();
        services.AddHostedService(made => made.GetRequiredService<Draining>());
    }

    private static void AddRest(IServiceCollection services, ServerOptions options)
    {
        services.AddRoutingCore();
        services.ConfigureHttpJsonOptions(json => RestJson.Apply(json.SerializerOptions));
        services.Configure<RouteOptions>(routes => routes.SetParameterPolicy<IdConstraint>("id"));
        services.AddCors(cors => cors.AddDefaultPolicy(policy => Cross(policy, options.CorsOrigins)));
        services.AddOpenApi("v1", OpenApiText.Describe);
    }

    // No credentials: nothing here rests on cookies of other sites' visitors.
    private static void Cross(CorsPolicyBuilder policy, string[] origins) => policy
        .WithOrigins(origins)
        .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
        .WithHeaders("Authorization", "Content-Type", "If-Match", "If-None-Match", "If-Range", "Range")
        .WithExposedHeaders("Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Retry-After")
        .SetPreflightMaxAge(TimeSpan.FromHours(1));

    private static void UseRings(WebApplication app, ServerOptions options)
    {
        app.UseTrustedProxies(options.TrustedProxies);
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<RestErrors>();
        app.UseRouting();
        app.UseCors();
        app.UseMiddleware<Authentication>();
        app.UseMiddleware<WebPages>();
    }

    private static void MapRoutes(WebApplication app)
    {
        app.MapOpenApi();
        app.MapHealth();
        app.MapMetrics();
        app.MapServer();
        app.MapAuth();
        app.MapAccount();
        app.MapUsers();
        app.MapModeration();
        app.MapAudit();
        app.MapInvites();
        app.MapRoles();
        app.MapSettings();
        app.MapChannels();
        app.MapConversations();
        app.MapRequests();
        app.MapMessages();
        app.MapReactions();
        app.MapReports();
        app.MapWatermarks();
        app.MapReceipts();
        app.MapDirectMessages();
        app.MapSync();
        app.MapSearch();
        app.MapMedia();
        app.MapPresence();
        app.MapProtoSocket();
        app.MapSocketIo();
    }
}
