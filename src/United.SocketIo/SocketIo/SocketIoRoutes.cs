using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace United.SocketIo;

public static class SocketIoRoutes
{
    /// <summary>Makes a <see cref="SocketIoServer"/> of the container, closed with it.</summary>
    public static IServiceCollection AddSocketIo(this IServiceCollection services, Action<SocketIoOptions>? configure = null)
    {
        services.AddOptions<SocketIoOptions>().Configure(options => configure?.Invoke(options));
        services.AddSingleton(provider => new SocketIoServer(provider.GetRequiredService<IOptions<SocketIoOptions>>().Value, provider.GetService<ILoggerFactory>(), provider.GetService<TimeProvider>()));
        return services;
    }

    /// <summary>Serves the container's server at a path and everything below it, with and without a slash at the end.</summary>
    public static SocketIoServer MapSocketIo(this IEndpointRouteBuilder routes, string path = "/socket.io")
    {
        var server = routes.ServiceProvider.GetRequiredService<SocketIoServer>();
        routes.MapSocketIo(path, server);
        return server;
    }

    /// <summary>The same for a server of your own. Its clients are let go as soon as the host begins to stop: a host waits for open requests.</summary>
    public static IEndpointConventionBuilder MapSocketIo(this IEndpointRouteBuilder routes, string path, SocketIoServer server)
    {
        var life = routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>();
        life.ApplicationStopping.Register(() => _ = server.Close());
        return routes.Map(path.TrimEnd('/') + "/{**rest}", server.Handle);
    }
}
