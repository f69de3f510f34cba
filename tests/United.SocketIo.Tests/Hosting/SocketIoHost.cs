using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using United.SocketIo.EngineIo;
using United.WebSockets;

namespace United.SocketIo.Tests.Hosting;

/// <summary>A server on a free port of the loopback: Socket.IO at /socket.io, raw Engine.IO that echoes at /engine.io.</summary>
internal sealed class SocketIoHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SocketIoHost(WebApplication app, SocketIoServer io, EngineServer engine, int port) => (_app, Io, Engine, Port) = (app, io, engine, port);

    public SocketIoServer Io { get; }

    public EngineServer Engine { get; }

    /// <summary>The last that opened at /engine.io.</summary>
    public EngineSocket? Newest { get; private set; }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    /// <param name="endpoint">Of the web server: without HTTP behind its WebSockets unless said otherwise.</param>
    /// <param name="time">Of what is at /engine.io.</param>
    public static async Task<SocketIoHost> Start(Action<SocketIoOptions>? configure = null, Action<ListenOptions>? endpoint = null, TimeProvider? time = null)
    {
        SocketIoHost? host = null;
        var options = new SocketIoOptions();
        configure?.Invoke(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint ?? (bare => bare.UseBareWebSockets())));
        var app = builder.Build();
        var io = new SocketIoServer(options);
        var engine = new EngineServer(options, socket => new Echo(host!.Newest = socket), time: time);
        app.MapSocketIo("/socket.io", io);
        app.MapEngineIo("/engine.io", engine);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return host = new SocketIoHost(app, io, engine, new Uri(address).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await _app.DisposeAsync();
        await Io.DisposeAsync();
    }

    private sealed class Echo(EngineSocket socket) : IEngineReceiver
    {
        public ValueTask Text(ReadOnlyMemory<byte> utf8)
        {
            socket.Send(EngineMessage.Text(utf8.Span));
            return ValueTask.CompletedTask;
        }

        public ValueTask Binary(ReadOnlyMemory<byte> bytes)
        {
            socket.Send(EngineMessage.Binary(bytes.Span));
            return ValueTask.CompletedTask;
        }

        public void Closed(string reason)
        {
        }
    }
}
