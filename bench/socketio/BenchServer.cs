using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using United.WebSockets;

namespace United.SocketIo.Bench;

/// <summary>What bench/peers/node-socketio does, with this library.</summary>
internal static class BenchServer
{
    /// <summary>Prints its port; ends when its standard input does.</summary>
    public static async Task Serve()
    {
        await using var app = await Start();
        Console.WriteLine(PortOf(app));
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    public static async Task<WebApplication> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.UseBareWebSockets()));
        // One queue on two cores: more of them share the same work among more wake-ups.
        builder.WebHost.UseSockets(sockets => (sockets.IOQueueCount, sockets.Backlog) = (1, 4096));
        builder.Services.AddSocketIo(options => (options.PingInterval, options.PingTimeout) = (TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(2)));
        var app = builder.Build();
        var io = app.MapSocketIo();
        io.On("echo", e => e.Ack(e.Args[0]));
        io.On("broadcast", e => io.Emit("news", e.Args[0]));
        await app.StartAsync();
        return app;
    }

    public static int PortOf(WebApplication app) =>
        new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
}
