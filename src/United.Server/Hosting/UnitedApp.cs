using United.Core;
using United.Core.Storage;
using United.Server.Rest;

namespace United.Server.Hosting;

/// <summary>The composition root: everything is made here, in one place, and nowhere else.</summary>
internal static class UnitedApp
{
    public static WebApplication Build(string[] args, Database database, TimeProvider time, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args });
        AddFloors(builder.Services, database, time);
        AddRest(builder.Services);
        replace?.Invoke(builder.Services);
        var app = builder.Build();
        UseRest(app);
        return app;
    }

    private static void AddFloors(IServiceCollection services, Database database, TimeProvider time)
    {
        services.AddSingleton(database);
        services.AddSingleton(time);
    }

    private static void AddRest(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options => RestJson.Apply(options.SerializerOptions));
        services.Configure<RouteOptions>(options => options.SetParameterPolicy<IdConstraint>("id"));
        services.AddSingleton<CallerOf>((_, _) => ValueTask.FromResult<Result<Caller>>(Fault.Unauthorized));
    }

    private static void UseRest(WebApplication app)
    {
        app.UseMiddleware<RestErrors>();
        app.UseRouting();
        app.UseMiddleware<Authentication>();
        MapRest(app);
    }

    private static void MapRest(WebApplication app)
    {
        app.MapServer();
    }
}
