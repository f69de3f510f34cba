using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using United.Core;
using United.Core.Storage;
using United.Server.Hosting.Settings;
using United.Server.Hosting.Web;
using United.Server.Rest;

namespace United.Server.Hosting;

/// <summary>The composition root: everything is made here, in one place, and nowhere else.</summary>
internal static class UnitedApp
{
    /// <param name="replace">What a test puts in the place of the real thing.</param>
    public static WebApplication Build(UnitedOptions options, Database database, TimeProvider time, Action<IServiceCollection>? replace = null)
    {
        // Empty, so that nothing is configured by names that we don't know of: what can be set stands in UnitedOptions.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddLogging(builder.Logging, options.Log);
        AddKestrel(builder, options.Server);
        AddFloors(builder.Services, options, database, time);
        AddRest(builder.Services, options.Server);
        replace?.Invoke(builder.Services);
        var app = builder.Build();
        UseRest(app, options.Server);
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging, LogOptions options)
    {
        logging.SetMinimumLevel(options.Level);
        // What the framework says of single requests would put addresses with their queries into the log.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical); // the command line says why a start failed
        if (options.Json) logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        else logging.AddSimpleConsole(text => (text.SingleLine, text.TimestampFormat, text.ColorBehavior) = (true, "HH:mm:ss ", LoggerColorBehavior.Default));
    }

    private static void AddKestrel(WebApplicationBuilder builder, ServerOptions options)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls(options.Urls);
        builder.WebHost.ConfigureKestrel(KestrelLimits.Set);
        builder.Services.Configure<SocketTransportOptions>(KestrelLimits.Set);
    }

    private static void AddFloors(IServiceCollection services, UnitedOptions options, Database database, TimeProvider time)
    {
        services.AddSingleton(options.Server);
        services.AddSingleton(database);
        services.AddSingleton(time);
        services.AddSingleton<Readiness>();
    }

    private static void AddRest(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<Origins>();
        services.AddSingleton(WebFiles.Embedded());
        services.AddRoutingCore();
        services.AddCors(cors => cors.AddDefaultPolicy(policy => Cross(policy, options.CorsOrigins)));
        services.AddOpenApi("v1", OpenApiText.Describe);
        services.ConfigureHttpJsonOptions(options => RestJson.Apply(options.SerializerOptions));
        services.Configure<RouteOptions>(options => options.SetParameterPolicy<IdConstraint>("id"));
        services.AddSingleton<CallerOf>((_, _) => ValueTask.FromResult<Result<Caller>>(Fault.Unauthorized));
    }

    // No credentials: nothing here rests on cookies of other sites' visitors.
    private static void Cross(CorsPolicyBuilder policy, string[] origins) => policy
        .WithOrigins(origins)
        .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
        .WithHeaders("Authorization", "Content-Type", "If-Match", "If-None-Match")
        .WithExposedHeaders("ETag", "Retry-After")
        .SetPreflightMaxAge(TimeSpan.FromHours(1));

    private static void UseRest(WebApplication app, ServerOptions options)
    {
        app.UseTrustedProxies(options.TrustedProxies);
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<RestErrors>();
        app.UseRouting();
        app.UseCors();
        app.UseMiddleware<Authentication>();
        app.UseMiddleware<WebPages>();
        MapRest(app);
    }

    private static void MapRest(WebApplication app)
    {
        app.MapOpenApi();
        app.MapHealth();
        app.MapServer();
    }
}
